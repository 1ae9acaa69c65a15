#include "monitors/phrases.h"

#include <algorithm>
#include <chrono>

namespace bonewatch::monitors {

namespace {

using model::Comparison;
using model::Fact;
using model::ValueInterval;

/// Older than this, in years, nobody is.
constexpr std::int64_t age_max = 200;

int completed_years(Date born, Date today) {
    const std::chrono::year_month_day from(born);
    const std::chrono::year_month_day to(today);
    int years = static_cast<int>(to.year()) - static_cast<int>(from.year());
    if (model::add_years(born, years) > today)
        --years;
    return years;
}

class Age : public QuantityNode {
  public:
    QuantityAnswer eval(const View& view, Clause* clause) const override {
        if (!view.person.born) {
            if (clause != nullptr)
                clause->detail = "age not recorded";
            return {{ValueInterval{}}, never};
        }
        const int oldest = completed_years(view.person.born->date, view.today);
        const int youngest = completed_years(view.person.born->date_last, view.today);
        if (clause != nullptr)
            clause->detail = "age " + std::to_string(youngest) +
                             (oldest != youngest ? " or " + std::to_string(oldest) : "") +
                             (view.is_past ? " then" : "");
        const Date birthday = std::min(model::add_years(view.person.born->date, oldest + 1),
                                       model::add_years(view.person.born->date_last, youngest + 1));
        return {{ValueInterval{model::Bound{Rational(youngest)}, model::Bound{Rational(oldest)}}},
                view.is_past ? never : Instant(birthday)};
    }

    Instant next_crossing(const View& view, const QuantityAnswer& now, Comparison comparison,
                          const ValueInterval& constant) const override {
        if (now.next == never || !constant.is_exact())
            return now.next;
        const Truth value = model::compare(now.values.front(), comparison, constant);
        // It can turn only on the birthday that completes the number compared with, and on the one that passes it.
        const Rational& bound = constant.low->value;
        const int years =
            static_cast<int>(std::clamp<std::int64_t>(bound.numerator() / bound.denominator(), 0, age_max));
        std::vector<Date> birthdays;
        for (const Date born : {view.person.born->date, view.person.born->date_last})
            for (const int completed : {years, years + 1})
                birthdays.push_back(model::add_years(born, completed));
        std::ranges::sort(birthdays);
        View then = view;
        for (const Date birthday : birthdays) {
            then.today = birthday;
            if (birthday > view.today &&
                model::compare(eval(then, nullptr).values.front(), comparison, constant) != value)
                return birthday;
        }
        return never;
    }
};

class SexIs : public TruthNode {
  public:
    explicit SexIs(model::Sex sex) : sex_(sex) {}
    TruthAnswer eval(const View& view, Clause* clause) const override {
        if (view.person.sex == model::Sex::unknown) {
            if (clause != nullptr)
                clause->detail = "sex not recorded";
            return {Truth::unknown, never};
        }
        return {truth_of(view.person.sex == sex_), never};
    }

  private:
    model::Sex sex_;
};

class Dead : public TruthNode {
  public:
    TruthAnswer eval(const View& view, Clause* clause) const override {
        if (!view.person.died)
            return {Truth::no, never};
        const auto& died = *view.person.died;
        if (clause != nullptr)
            clause->detail = "died " + model::to_text(died.date);
        const Truth value = truth_between(died.date_last <= view.today, died.date <= view.today);
        const Date next = died.date > view.today ? died.date : died.date_last;
        return {value, next > view.today && !view.is_past ? Instant(next) : never};
    }
};

class Registered : public TruthNode {
  public:
    TruthAnswer eval(const View& view, Clause* clause) const override {
        if (view.person.registered.empty()) {
            if (clause != nullptr)
                clause->detail = "no registration stated";
            return {Truth::unknown, never};
        }
        bool is_registered = false;
        Instant next = never;
        for (const model::Registration& r : view.person.registered) {
            is_registered = is_registered || (r.from <= view.today && (!r.to || view.today < *r.to));
            for (const std::optional<Date>& edge : {std::optional(r.from), r.to})
                if (edge && *edge > view.today && !view.is_past)
                    next = std::min<Instant>(next, *edge);
        }
        if (clause != nullptr)
            clause->detail = explained(view);
        return {truth_of(is_registered), next};
    }

  private:
    static std::string explained(const View& view) {
        std::string text = "not registered";
        for (const model::Registration& r : view.person.registered) {
            if (r.from <= view.today && (!r.to || view.today < *r.to))
                return "registered since " + model::to_text(r.from);
            if (r.to && *r.to <= view.today)
                text = "not registered since " + model::to_text(*r.to);
        }
        return text;
    }
};

class Known : public TruthNode {
  public:
    Known(CodeSet codes, std::optional<Span> min_length, std::optional<Span> within, std::vector<CodeId> lasting)
        : codes_(std::move(codes)), min_length_(min_length), within_(within), lasting_(std::move(lasting)) {}

    TruthAnswer eval(const View& view, Clause* clause) const override {
        Truth value = Truth::no;
        Instant next = never;
        std::vector<std::pair<Truth, std::string>> found;
        for (const CodeId& code : codes_.conditions) {
            const bool is_lasting = std::ranges::find(lasting_, code) != lasting_.end();
            for (const auto* series : {&view.timeline.conditions(code), &view.timeline.procedures(code)})
                for (const model::FactPtr& fact : *series) {
                    if (!view.sees(*fact))
                        continue;
                    const TruthAnswer one = judge(view, *fact, is_lasting);
                    value = value || one.value;
                    next = std::min(next, one.next);
                    if (clause != nullptr)
                        found.emplace_back(one.value, explained(view, code, fact, is_lasting, one.value, *clause));
                }
        }
        if (clause != nullptr)
            clause->detail = said(found, value);
        return {value, view.is_past ? never : next};
    }

  private:
    /// `is_lasting`: a state that can end; an event has happened once it has, and never abates.
    TruthAnswer judge(const View& view, const Fact& fact, bool is_lasting) const {
        const Date today = view.today;
        const Date from = view.date_of_fact(fact);
        const Date from_last = fact.event.at.is_partial() ? std::max(from, fact.event.at.date_last) : from;
        Instant next = never;
        const auto turns = [&](Date date) {
            if (date > today)
                next = std::min<Instant>(next, date);
        };

        turns(from_last);
        Truth value = truth_between(from_last <= today, from <= today);
        if (min_length_) {
            value = value && truth_between(from_last + *min_length_ <= today, from + *min_length_ <= today);
            turns(from + *min_length_);
            turns(from_last + *min_length_);
        }
        const auto* condition = std::get_if<model::ConditionEvent>(&fact.event.body);
        const bool ends = is_lasting && condition != nullptr && condition->until;
        Date end = ends ? condition->until->date : distant_future;
        Date end_last = ends ? condition->until->date_last : distant_future;
        if (!is_lasting) {
            end = from;
            end_last = from_last;
        }
        if (is_lasting && !within_) {
            value = value && truth_between(today <= end, today <= end_last);
            turns(std::min(end, distant_future - Days(1)) + Days(1));
            turns(std::min(end_last, distant_future - Days(1)) + Days(1));
        } else if (within_) {
            value = value && truth_between(today - *within_ <= end, today - *within_ <= end_last);
            for (const Date last : {end, end_last})
                if (last != distant_future)
                    turns(first_beyond(last, *within_));
        }
        if (fact.disputed && value == Truth::yes)
            value = Truth::unknown;
        return {value, next};
    }

    static std::string explained(const View& view, const CodeId& code, const model::FactPtr& fact, bool is_lasting,
                                 Truth value, Clause& clause) {
        if (value == Truth::yes)
            clause.evidence.push_back(fact);
        else if (value == Truth::unknown)
            clause.set_aside.push_back(fact);
        const auto* condition = std::get_if<model::ConditionEvent>(&fact->event.body);
        const bool ends = is_lasting && condition != nullptr && condition->until;
        return title_of(view.vocabulary, code) + (is_lasting ? " since " : " on ") + model::to_text(fact->event.at) +
               (ends ? " until " + model::to_text(*condition->until) : "");
    }

    /// What decides: where it is known, the records that make it so; otherwise all there are.
    std::string said(const std::vector<std::pair<Truth, std::string>>& found, Truth value) const {
        std::string text;
        for (const auto& [one, words] : found)
            if (one == value)
                text += (text.empty() ? "" : ", ") + words;
        return text.empty() ? none_of(codes_.title) + " recorded" : text;
    }

    CodeSet codes_;
    std::optional<Span> min_length_, within_;
    std::vector<CodeId> lasting_;
};

class AttributeIs : public TruthNode {
  public:
    AttributeIs(std::string attribute, std::string choice)
        : attribute_(std::move(attribute)), choice_(std::move(choice)) {}
    TruthAnswer eval(const View& view, Clause*) const override {
        if (view.subject == nullptr || view.subject->disputed)
            return {Truth::unknown, never};
        const model::Event& event = view.subject->event;
        if (attribute_ == "route")
            return {is_by_route(event), never};
        const auto at = event.attributes.find(attribute_);
        if (at == event.attributes.end())
            return {Truth::unknown, never};
        return {truth_of(at->second == choice_), never};
    }

  private:
    Truth is_by_route(const model::Event& event) const {
        model::Route route = model::Route::unstated;
        if (const auto* supply = std::get_if<model::SupplyEvent>(&event.body))
            route = supply->route;
        else if (const auto* given = std::get_if<model::AdministrationEvent>(&event.body))
            route = given->route;
        return route == model::Route::unstated ? Truth::unknown : truth_of(model::to_text(route) == choice_);
    }

    std::string attribute_, choice_;
};

class TakenBetween : public TruthNode {
  public:
    TakenBetween(std::chrono::minutes from, std::chrono::minutes to) : from_(from), to_(to) {}
    TruthAnswer eval(const View& view, Clause*) const override {
        if (view.subject == nullptr || view.subject->disputed || !view.subject->event.at.clock)
            return {Truth::unknown, never};
        const auto clock = *view.subject->event.at.clock;
        return {truth_of(from_ <= clock && clock <= to_), never};
    }

  private:
    std::chrono::minutes from_, to_;
};

class Open : public TruthNode {
  public:
    Open(std::size_t monitor, std::string title) : monitor_(monitor), title_(std::move(title)) {}
    TruthAnswer eval(const View& view, Clause* clause) const override {
        const bool is_open =
            view.is_past ? view.episodes.was_open(monitor_, view.today) : view.episodes.is_open(monitor_);
        if (clause != nullptr) {
            clause->detail = title_ + (is_open ? " (open)" : " (not open)");
            clause->is_working = !is_open;
            if (is_open && !view.is_past) {
                const auto evidence = view.episodes.evidence(monitor_);
                clause->evidence.insert(clause->evidence.end(), evidence.begin(), evidence.end());
            }
        }
        return {truth_of(is_open), never};
    }

  private:
    std::size_t monitor_;
    std::string title_;
};

} // namespace

QuantityPtr make_age() {
    return std::make_unique<Age>();
}
TruthPtr make_sex_is(model::Sex sex) {
    return std::make_unique<SexIs>(sex);
}
TruthPtr make_dead() {
    return std::make_unique<Dead>();
}
TruthPtr make_registered() {
    return std::make_unique<Registered>();
}
TruthPtr make_known(CodeSet codes, std::optional<Span> min_length, std::optional<Span> within,
                    std::vector<CodeId> lasting) {
    return std::make_unique<Known>(std::move(codes), min_length, within, std::move(lasting));
}
TruthPtr make_attribute_is(std::string attribute, std::string choice) {
    return std::make_unique<AttributeIs>(std::move(attribute), std::move(choice));
}
TruthPtr make_taken_between(std::chrono::minutes from, std::chrono::minutes to) {
    return std::make_unique<TakenBetween>(from, to);
}
TruthPtr make_open(std::size_t monitor, std::string title) {
    return std::make_unique<Open>(monitor, std::move(title));
}

} // namespace bonewatch::monitors
