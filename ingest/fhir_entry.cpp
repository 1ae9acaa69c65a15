#include "ingest/fhir_entry.h"

#include "ingest/fhir_modifier.h"
#include "ingest/fhir_reference.h"

namespace bonewatch::ingest {

namespace {

std::string_view text_in(const Json* holder, std::string_view key) {
    return holder == nullptr ? std::string_view{} : holder->text_of(key);
}

/// A modifier of the entry itself or of one of its parts; what is in the resource is the resource's affair.
std::string modifier_of(const Json& item, const std::string& place) {
    if (item.find("modifierExtension") != nullptr)
        return place + ".modifierExtension";
    for (const std::string_view part : {"link", "search", "request", "response"})
        if (const Json* inner = item.find(part))
            if (const auto found = find_modifier(*inner, {}))
                return place + "." + std::string(part) + *found;
    return {};
}

void add_entries(const Json& document, const std::string& path, std::size_t depth, std::vector<FhirEntry>& out) {
    constexpr std::size_t depth_max = 3;
    if (document.text_of("resourceType") != "Bundle" || depth > depth_max) {
        FhirEntry whole;
        whole.resource = &document;
        whole.source = document.text;
        whole.path = path;
        out.push_back(std::move(whole));
        return;
    }
    const auto& items = document.items_of("entry");
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Json& item = items[i].value;
        const Json* request = item.find("request");
        const Json* response = item.find("response");
        const Json* resource = item.find("resource");
        const std::string place = path + ".entry[" + std::to_string(i) + "]";
        if (resource != nullptr && resource->text_of("resourceType") == "Bundle") {
            add_entries(*resource, place + ".resource", depth + 1, out);
            continue;
        }
        const bool is_answer = response != nullptr && resource == nullptr && request == nullptr;
        if (is_answer)
            continue;
        out.push_back({resource, item.text, item.text_of("fullUrl"), text_in(request, "method"),
                       text_in(request, "url"), text_in(request, "ifNoneExist"), text_in(response, "lastModified"),
                       document.text_of("timestamp"), text_in(item.find("search"), "mode"),
                       resource == nullptr ? place : place + ".resource", modifier_of(item, place)});
    }
}

std::string conditional(std::string_view type, std::string_view query) {
    return std::string(type) + "?" + std::string(query.substr(query.starts_with('?') ? 1 : 0));
}

} // namespace

std::vector<FhirEntry> entries_of(const Json& document) {
    std::vector<FhirEntry> out;
    add_entries(document, "$", 0, out);
    return out;
}

std::string fact_of(const FhirEntry& entry) {
    const auto named = type_and_id(entry.url);
    const auto query = entry.url.find('?');
    if (entry.resource == nullptr) {
        if (query == std::string_view::npos)
            return std::string(named);
        const auto type = entry.url.substr(0, query);
        return conditional(type.substr(type.rfind('/') + 1), entry.url.substr(query));
    }
    const auto type = entry.resource->text_of("resourceType");
    if (const auto id = entry.resource->text_of("id"); !id.empty())
        return std::string(type) + "/" + std::string(id);
    if (entry.method == "PUT" && query == std::string_view::npos && named.starts_with(std::string(type) + "/"))
        return std::string(named);
    if (entry.method == "PUT" && query != std::string_view::npos)
        return conditional(type, entry.url.substr(query));
    if (entry.method == "POST" && !entry.if_none_exist.empty())
        return conditional(type, entry.if_none_exist);
    if (!entry.full_url.empty())
        return std::string(entry.full_url);
    for (const auto& [key, identifier] : entry.resource->items_of("identifier"))
        if (!identifier.text_of("system").empty() && !identifier.text_of("value").empty())
            return conditional(type, "identifier=" + std::string(identifier.text_of("system")) + "|" +
                                         std::string(identifier.text_of("value")));
    return {};
}

} // namespace bonewatch::ingest
