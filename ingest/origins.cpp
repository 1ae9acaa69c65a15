#include "ingest/origins.h"

#include <algorithm>

namespace bonewatch::ingest {

namespace {

using model::Event;

class Common {
  public:
    Common(const MessageContext& context, Decoded& decoded, const Event& event)
        : context_(context), decoded_(decoded), event_(event) {}

    void add_all() {
        add("type", {}, {}, "by what it is: " + decoded_.kind.substr(0, decoded_.kind.find(' ')));
        add("publisher", "connection", context_.publisher.id.text, {});
        if (event_.key.id.text.find("weak-") != std::string::npos)
            add("id", {}, {}, "computed from patient, code and time: no number is stated");
        add_attributes();
        std::visit([this](const auto& body) { add_body(body); }, event_.body);
    }

  private:
    void add(std::string field, std::string place, std::string text, std::string made) {
        if (std::ranges::find(decoded_.origins, field, &Origin::field) == decoded_.origins.end())
            decoded_.origins.push_back({std::move(field), std::move(place), std::move(text), std::move(made)});
    }

    void add_attributes() {
        const auto put = [&](const char* name, const std::string& made) {
            if (event_.attributes.contains(name))
                add(std::string("attributes.") + name, {}, {}, made);
        };
        const auto form = event_.attributes.find("form");
        put("form", form != event_.attributes.end() && form->second == "issue"
                        ? "an order or issue of a drug that is given as single doses"
                        : "a dose given");
        put("source", "the resource's type");
    }

    void add_route(model::Route route) {
        if (route == model::Route::unstated)
            add("route", {}, {}, "nothing says which");
        else
            add("route", "vocabulary", {}, "what the code of the drug implies");
    }
    void add_body(const model::SupplyEvent& supply) {
        add_route(supply.route);
        add("basis", {}, {},
            supply.basis == model::Basis::stated     ? "days and daily_dose are stated"
            : supply.basis == model::Basis::computed ? "days or daily_dose are computed from what is stated"
                                                     : "days or daily_dose are assumed");
    }
    void add_body(const model::AdministrationEvent& given) { add_route(given.route); }
    void add_body(const model::StopEvent& stop) {
        if (stop.route)
            add_route(*stop.route);
        else
            add("route", {}, {}, "nothing says which: of every route");
    }
    void add_body(const model::PatientEvent&) {
        const bool is_one_field = event_.key.id.text != model::to_text(event_.patient);
        add("id", {}, {}, is_one_field ? "which field it is, and its patient" : "as its patient");
    }
    void add_body(const model::RetractionEvent& retraction) {
        add("of", {}, {}, "the fact that its own id begins with");
        add("of_version", {}, {},
            !retraction.of_version                     ? "no version is stated: for good"
            : *retraction.of_version == event_.version ? "as its own version"
                                                       : "just below its own version");
    }
    template <typename Body>
    void add_body(const Body&) {}

    const MessageContext& context_;
    Decoded& decoded_;
    const Event& event_;
};

} // namespace

void add_common_origins(const MessageContext& context, Decoded& decoded) {
    if (const auto* event = std::get_if<Event>(&decoded.outcome))
        Common(context, decoded, *event).add_all();
}

} // namespace bonewatch::ingest
