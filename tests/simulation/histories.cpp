#include "tests/simulation/histories.h"

#include "store/model/ensure.h"
#include "tests/simulation/stories.h"

#include <algorithm>

namespace bonewatch::simulation {

namespace {

using model::Days;
using std::chrono::minutes;

/// Fewer facts than these are too few for every difficulty to have its own: another story is told.
constexpr std::size_t facts_min = 48;

bool is_person(const model::Event& event) {
    return std::holds_alternative<model::PatientEvent>(event.body);
}

class Editor {
  public:
    Editor(std::uint64_t seed, const HistoryOptions& options) : dice_(seed), options_(options) {}

    History write();

  private:
    model::PatientNumber number_of(int patient) const { return options_.numbers[static_cast<std::size_t>(patient)]; }
    int patient_of(const model::Event& event) const { return event.patient == identifier_of(0) ? 0 : 1; }

    void publish(const model::Event& event, model::Instant recorded) {
        history_.published.push_back({event, number_of(patient_of(event)), recorded});
    }
    /// Any fact's first publication that no other difficulty has touched yet. Holds until the next publication.
    Published& take_untouched();
    /// A first publication that fulfils an order; nothing where none is left.
    Published* take_dispense();
    /// The same fact, with another content.
    model::Event differing(const model::Event& event);
    /// At least one where the difficulty is on; now and then more.
    std::int64_t times(bool is_on) { return is_on ? dice_.one_of({1, 1, 1, 2, 3}) : 0; }
    minutes a_while() { return minutes(dice_.between(5, 60 * 24 * 90)); }

    void publish_story();
    void publish_stories();
    void make_late();
    void correct();
    void retract();
    void move();
    void duplicate();
    void dispute();
    void give_back_orders();
    void count_story();

    Dice dice_;
    const HistoryOptions& options_;
    History history_;
    std::vector<std::size_t> untouched_; ///< Indices of first publications.
};

Published& Editor::take_untouched() {
    ENSURE(!untouched_.empty(), "a history has more facts than its difficulties touch");
    std::swap(untouched_[static_cast<std::size_t>(dice_.below(std::ssize(untouched_)))], untouched_.back());
    const std::size_t taken = untouched_.back();
    untouched_.pop_back();
    return history_.published[taken];
}

model::Event Editor::differing(const model::Event& event) {
    model::Event other = event;
    while (other == event)
        other = altered(dice_, event);
    return other;
}

Published* Editor::take_dispense() {
    std::vector<std::size_t> dispenses;
    for (const std::size_t at : untouched_)
        if (!model::orders_of(history_.published[at].event).empty())
            dispenses.push_back(at);
    if (dispenses.empty())
        return nullptr;
    const std::size_t taken = dispenses[static_cast<std::size_t>(dice_.below(std::ssize(dispenses)))];
    std::erase(untouched_, taken);
    return &history_.published[taken];
}

void Editor::publish_story() {
    while (history_.published.size() < facts_min)
        publish_stories();
    model::Instant last = options_.start;
    for (std::size_t at = 0; at < history_.published.size(); ++at) {
        last = std::max(last, history_.published[at].recorded);
        if (!is_person(history_.published[at].event))
            untouched_.push_back(at);
    }
    history_.now = model::Instant(model::date_of(last) + Days(dice_.between(200, 420))) + std::chrono::hours(12);
}

void Editor::publish_stories() {
    history_.published.clear();
    for (int patient = 0; patient < options_.patients; ++patient)
        for (const model::Event& event : story(dice_, patient, options_)) {
            const bool is_early = is_person(event) || event.at.instant < model::Instant(options_.start);
            const model::Instant known = is_early ? model::Instant(options_.start) : event.at.instant;
            publish(event, known + (is_early ? minutes(0) : minutes(dice_.between(0, 2880))));
        }
}

void Editor::make_late() {
    for (std::int64_t i = 4 * times(options_.late); i > 0; --i) {
        take_untouched().recorded += minutes(60 * 24 * dice_.between(3, 150));
        ++history_.occurrences.late;
    }
}

void Editor::correct() {
    for (std::int64_t i = 2 * times(options_.corrected); i > 0; --i) {
        const Published first = take_untouched();
        model::Event corrected = differing(first.event);
        corrected.version = {{2}};
        publish(corrected, first.recorded + a_while());
        ++history_.occurrences.corrected;
    }
}

void Editor::retract() {
    const auto retraction_of = [&](const Published& target, bool of_version) {
        model::Event event;
        event.key = {target.event.key.publisher, model::FactId("R-" + target.event.key.id.text)};
        event.patient = target.event.patient;
        event.at = model::at_utc(target.recorded);
        event.body = model::RetractionEvent{target.event.key.id,
                                            of_version ? std::optional(target.event.version) : std::nullopt};
        return event;
    };
    for (std::int64_t i = times(options_.retracted_first); i > 0; --i) {
        Published& target = take_untouched();
        const Published first = target;
        const model::Instant arrived = target.recorded += a_while();
        publish(retraction_of(first, dice_.chance(50)), first.recorded);
        if (dice_.chance(40)) { // counts after a retraction of version 1, never after a final one
            model::Event again = altered(dice_, first.event);
            again.version = {{2}};
            publish(again, arrived + a_while());
        }
        ++history_.occurrences.retracted_first;
    }
    for (std::int64_t i = times(options_.retracted_first); i > 0; --i) {
        const Published target = take_untouched();
        publish(retraction_of(target, dice_.chance(50)), target.recorded + a_while());
        ++history_.occurrences.retracted;
    }
}

void Editor::move() {
    for (std::int64_t i = times(options_.moved && options_.patients == 2); i > 0; --i) {
        const Published first = take_untouched();
        model::Event moved = first.event;
        moved.patient = identifier_of(1 - patient_of(first.event));
        moved.version = {{2}};
        publish(moved, first.recorded + a_while());
        if (dice_.chance(25)) { // and back again
            model::Event back = first.event;
            back.version = {{3}};
            publish(back, first.recorded + a_while());
        }
        ++history_.occurrences.moved;
    }
}

void Editor::duplicate() {
    for (std::int64_t i = 3 * times(options_.duplicated); i > 0; --i) {
        const Published first = take_untouched();
        publish(first.event, first.recorded + a_while());
        ++history_.occurrences.duplicated;
    }
}

void Editor::dispute() {
    for (std::int64_t i = times(options_.disputed); i > 0; --i) {
        const Published first = take_untouched();
        model::Event other = differing(first.event);
        if (options_.patients == 2 && dice_.chance(10))
            other.patient = identifier_of(1 - patient_of(first.event));
        publish(other, first.recorded + a_while());
        ++history_.occurrences.disputed;
        if (dice_.chance(35)) {
            model::Event settled = altered(dice_, first.event);
            settled.version = {{2}};
            publish(settled, first.recorded + minutes(60 * 24 * 90) + a_while());
            ++history_.occurrences.settled;
        }
    }
}

void Editor::give_back_orders() {
    for (std::int64_t i = times(options_.ordered && options_.corrected); i > 0; --i) {
        const Published* dispense = take_dispense();
        if (dispense == nullptr)
            return;
        const Published first = *dispense;
        model::Event changed = first.event;
        changed.version = {{2}};
        switch (dice_.below(4)) {
        case 0:
            changed.key.id.text += "-gone";
            changed.body = model::RetractionEvent{first.event.key.id, {}};
            break;
        case 1:
            changed.patient = identifier_of(options_.patients == 2 ? 1 - patient_of(first.event) : 0);
            break;
        case 2:
            changed.version = first.event.version;
            changed.at.date += Days(1);
            changed.at.date_last += Days(1);
            changed.at.instant += Days(1);
            break;
        default:
            if (auto* supply = std::get_if<model::SupplyEvent>(&changed.body))
                supply->fulfils.clear();
            else
                std::get<model::AdministrationEvent>(changed.body).fulfils.clear();
        }
        publish(changed, first.recorded + a_while());
        ++history_.occurrences.given_back;
    }
}

void Editor::count_story() {
    Occurrences& count = history_.occurrences;
    count.events = static_cast<int>(history_.published.size());
    for (const Published& one : history_.published) {
        const model::Event& event = one.event;
        count.ordered += !model::orders_of(event).empty();
        count.stops += std::holds_alternative<model::StopEvent>(event.body);
        if (const auto* person = std::get_if<model::PatientEvent>(&event.body)) {
            count.deaths += person->died.has_value();
            continue;
        }
        count.partial_dates += event.at.is_partial();
        count.other_dates += event.at.date != model::date_of(event.at.instant);
        if (const auto* result = std::get_if<model::ResultEvent>(&event.body)) {
            const bool is_counted = result->status == model::ResultStatus::final_;
            count.not_counted += !is_counted;
            count.unreadable += is_counted && !result->value;
        }
    }
}

History Editor::write() {
    publish_story();
    make_late();
    correct();
    retract();
    move();
    duplicate();
    dispute();
    give_back_orders();
    std::stable_sort(history_.published.begin(), history_.published.end(), [](const Published& a, const Published& b) {
        return std::pair(a.recorded, !is_person(a.event)) < std::pair(b.recorded, !is_person(b.event));
    });
    count_story();
    return std::move(history_);
}

} // namespace

Occurrences& Occurrences::operator+=(const Occurrences& other) {
    for (int Occurrences::* one :
         {&Occurrences::events, &Occurrences::late, &Occurrences::corrected, &Occurrences::retracted,
          &Occurrences::retracted_first, &Occurrences::moved, &Occurrences::duplicated, &Occurrences::disputed,
          &Occurrences::settled, &Occurrences::partial_dates, &Occurrences::other_dates, &Occurrences::ordered,
          &Occurrences::given_back, &Occurrences::deaths, &Occurrences::stops, &Occurrences::unreadable,
          &Occurrences::not_counted})
        this->*one += other.*one;
    return *this;
}

std::vector<std::pair<std::string, int>> Occurrences::rows() const {
    return {{"events", events},
            {"late", late},
            {"corrected", corrected},
            {"retracted", retracted},
            {"retracted before the target", retracted_first},
            {"moved to another patient", moved},
            {"duplicated", duplicated},
            {"disputed", disputed},
            {"disputes settled", settled},
            {"partial dates", partial_dates},
            {"local date not the UTC date", other_dates},
            {"orders dispensed", ordered},
            {"dispenses taken back", given_back},
            {"deaths", deaths},
            {"stops", stops},
            {"unreadable", unreadable},
            {"not counted", not_counted}};
}

std::vector<reference::AdmittedEvent> History::admitted() const {
    std::vector<reference::AdmittedEvent> all;
    for (const Published& one : published)
        all.push_back({one.event, one.named});
    return all;
}

History history(std::uint64_t seed, const HistoryOptions& options) {
    return Editor(seed, options).write();
}

const std::vector<std::string>& monitors_of_stories() {
    static const std::vector<std::string> monitors{"denosumab-overdue",
                                                   "fracture-on-thyroid-hormone",
                                                   "levothyroxine-no-tsh",
                                                   "levothyroxine-overreplacement",
                                                   "ra-over-1y-no-bone-assessment",
                                                   "steroid-5mg-90d",
                                                   "steroid-7p5mg-90d-unprotected",
                                                   "steroid-cumulative-12m",
                                                   "steroid-no-dxa",
                                                   "tsh-low",
                                                   "tsh-suppressed",
                                                   "vitamin-d-deficient"};
    return monitors;
}

} // namespace bonewatch::simulation
