#include "ingest/fhir_entry.h"

#include "ingest/fhir_modifier.h"
#include "ingest/fhir_reference.h"

#include <algorithm>

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

/// The codes of methods are in capitals; who writes `delete` means nothing else.
std::string_view method_of(const Json* request) {
    const auto sent = text_in(request, "method");
    for (const std::string_view method : {"DELETE", "PATCH", "PUT", "POST"})
        if (std::ranges::equal(sent, method, [](char a, char b) { return a == b || a == b - 'A' + 'a'; }))
            return method;
    return sent;
}

/// `outer`: path of a modifier in what is around the Bundle.
void add_entries(const Json& document, const std::string& path, std::size_t depth, const std::string& outer,
                 std::vector<FhirEntry>& out) {
    constexpr std::size_t depth_max = 3;
    if (document.text_of("resourceType") != "Bundle" || depth > depth_max) {
        FhirEntry whole;
        whole.resource = &document;
        whole.source = document.text;
        whole.path = path;
        whole.modifier = outer;
        out.push_back(std::move(whole));
        return;
    }
    const bool has_rules = outer.empty() && document.find("implicitRules") != nullptr;
    const std::string around = has_rules ? path + ".implicitRules" : outer;
    const auto& items = document.items_of("entry");
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Json& item = items[i].value;
        const Json* request = item.find("request");
        const Json* response = item.find("response");
        const Json* resource = item.find("resource");
        const std::string place = path + ".entry[" + std::to_string(i) + "]";
        if (resource != nullptr && resource->text_of("resourceType") == "Bundle") {
            add_entries(*resource, place + ".resource", depth + 1, around.empty() ? modifier_of(item, place) : around,
                        out);
            continue;
        }
        const bool is_answer = response != nullptr && resource == nullptr && request == nullptr;
        if (is_answer)
            continue;
        out.push_back({resource, item.text, item.text_of("fullUrl"), method_of(request), text_in(request, "url"),
                       text_in(request, "ifNoneExist"), text_in(response, "lastModified"),
                       document.text_of("timestamp"), text_in(item.find("search"), "mode"),
                       resource == nullptr ? place : place + ".resource",
                       around.empty() ? modifier_of(item, place) : around});
    }
}

std::string conditional(std::string_view type, std::string_view query) {
    return std::string(type) + "?" + std::string(query.substr(query.starts_with('?') ? 1 : 0));
}

} // namespace

std::vector<FhirEntry> entries_of(const Json& document) {
    std::vector<FhirEntry> out;
    add_entries(document, "$", 0, {}, out);
    return out;
}

namespace {

/// What an entry without a resource is about. What a server is to do besides (`Observation/1?_cascade=delete`) does not
/// say which it is.
std::string fact_of_request(const FhirEntry& entry) {
    const auto query = entry.url.find('?');
    auto before = entry.url.substr(0, query);
    while (before.ends_with('/'))
        before.remove_suffix(1);
    if (const auto named = type_and_id(before); !named.empty())
        return std::string(named);
    if (query != std::string_view::npos)
        return conditional(before.substr(before.rfind('/') + 1), entry.url.substr(query));
    return std::string(type_and_id(entry.full_url));
}

} // namespace

std::string fact_of(const FhirEntry& entry) {
    if (entry.resource == nullptr)
        return fact_of_request(entry);
    const auto named = type_and_id(entry.url);
    const auto query = entry.url.find('?');
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
