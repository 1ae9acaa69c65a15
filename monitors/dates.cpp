#include "monitors/logic.h"
#include "monitors/phrases.h"

#include <algorithm>

namespace bonewatch::monitors {

namespace {

using model::Comparison;

bool compare_dates(Date a, Comparison comparison, Date b) {
    switch (comparison) {
    case Comparison::less:
        return a < b;
    case Comparison::less_equal:
        return a <= b;
    case Comparison::greater:
        return a > b;
    case Comparison::greater_equal:
        return a >= b;
    case Comparison::equal:
        return a == b;
    case Comparison::not_equal:
        return a != b;
    }
    return false;
}

class CompareDates : public TruthNode {
  public:
    CompareDates(DatePtr left, Comparison comparison, DatePtr right)
        : left_(std::move(left)), comparison_(comparison), right_(std::move(right)) {}

    TruthAnswer eval(const View& view, Clause* clause) const override {
        const DateAnswer left = left_->eval(view, clause);
        const DateAnswer right = right_->eval(view, clause);
        const Instant next = std::min(left.next, right.next);
        if (left.state == DateAnswer::State::none || right.state == DateAnswer::State::none)
            return {Truth::no, next};
        if (left.state == DateAnswer::State::unknown || right.state == DateAnswer::State::unknown)
            return {Truth::unknown, next};
        const bool value = compare_dates(left.date, comparison_, right.date);
        if (clause != nullptr)
            clause->detail = told(view, left, right, value, clause->detail);
        return {truth_of(value), std::min(next, next_turn(view, left.date, right.date, value))};
    }

  private:
    /// Against now: how long ago the event was, `event` being its words, and where that is too early or too late the
    /// date that decides. Otherwise both dates.
    std::string told(const View& view, const DateAnswer& left, const DateAnswer& right, bool value,
                     const std::string& event) const {
        if (left_->moves_with_now() == right_->moves_with_now())
            return model::to_text(left.date) + " against " + model::to_text(right.date);
        const Date date = view.today + (left_->moves_with_now() ? right.date - left.date : left.date - right.date);
        const bool is_greater = comparison_ == Comparison::greater || comparison_ == Comparison::greater_equal;
        const bool waits = is_greater == left_->moves_with_now(); // True from the date on, else up to it.
        const std::optional<Date>& anchor = left_->moves_with_now() ? right.anchor : left.anchor;
        if (!anchor)
            return (waits ? (value ? "since " : "not before ") : (value ? "until " : "over since ")) +
                   model::to_text(date);
        std::string text = view.today > *anchor ? days_text((view.today - *anchor).count()) + " after " + event : event;
        if (!value)
            text += (waits ? ", so not before " : ", so only until ") + model::to_text(date);
        return text;
    }

    /// One side moves with now and the other stands still: the first day on which the comparison comes out otherwise.
    Instant next_turn(const View& view, Date left, Date right, bool value) const {
        if (view.is_past || left_->moves_with_now() == right_->moves_with_now())
            return never;
        const Days distance = left_->moves_with_now() ? right - left : left - right;
        // Calendar steps make the meeting day uncertain by a few days at most; the turn is at it or the day after.
        for (Date day = std::max(view.today + Days(1), view.today + distance - Days(4));
             day <= view.today + distance + Days(5); day += Days(1)) {
            const View then = view.on(day);
            if (compare_dates(left_->eval(then, nullptr).date, comparison_, right_->eval(view, nullptr).date) !=
                    value &&
                left_->moves_with_now())
                return day;
            if (compare_dates(left_->eval(view, nullptr).date, comparison_, right_->eval(then, nullptr).date) !=
                    value &&
                right_->moves_with_now())
                return day;
        }
        return never;
    }

    DatePtr left_;
    Comparison comparison_;
    DatePtr right_;
};

class Now : public DateNode {
  public:
    DateAnswer eval(const View& view, Clause*) const override { return {DateAnswer::State::known, view.today, never}; }
    bool moves_with_now() const override { return true; }
};

class Raised : public DateNode {
  public:
    /// While an opening is weighed it is today, and tomorrow another date.
    DateAnswer eval(const View& view, Clause*) const override {
        const bool may_move = !view.is_past && view.raised == view.today;
        return {DateAnswer::State::known, view.raised, may_move ? Instant(view.today + Days(1)) : never};
    }
};

class ConstantDate : public DateNode {
  public:
    explicit ConstantDate(Date date) : date_(date) {}
    DateAnswer eval(const View&, Clause*) const override { return {DateAnswer::State::known, date_, never}; }

  private:
    Date date_;
};

class Shifted : public DateNode {
  public:
    Shifted(DatePtr operand, Span span, bool is_back) : operand_(std::move(operand)), span_(span), is_back_(is_back) {}
    DateAnswer eval(const View& view, Clause* clause) const override {
        DateAnswer answer = operand_->eval(view, clause);
        answer.date = is_back_ ? answer.date - span_ : answer.date + span_;
        return answer;
    }
    bool moves_with_now() const override { return operand_->moves_with_now(); }

  private:
    DatePtr operand_;
    Span span_;
    bool is_back_;
};

/// The reference that `at` moves to, and when what is said from there could change.
struct Reference {
    DateAnswer date;
    bool moves_with_now = false;

    /// In a projection that moves along with now, what turns on a date ahead turns so much earlier.
    [[nodiscard]] Instant next(const View& view, Instant inner) const {
        if (date.date <= view.today) // Where it moves with now, facts that are known come into sight by and by.
            return moves_with_now && !view.is_past ? std::min<Instant>(date.next, view.today + Days(1)) : date.next;
        if (!moves_with_now) // Fixed: it is asked otherwise once its date is there.
            return std::min<Instant>(date.next, date.date);
        if (inner == never)
            return date.next;
        // Calendar steps are not all of one length: by then it is asked again.
        const Date earliest = model::date_of(inner) - (date.date - view.today) - calendar_slack;
        return std::min<Instant>(date.next, std::max(earliest, view.today + Days(1)));
    }

    static constexpr Days calendar_slack{4};
};

Reference reference_of(const DateNode& node, const View& view, Clause* clause) {
    return {node.eval(view, clause), node.moves_with_now()};
}

class At : public TruthNode {
  public:
    At(DatePtr date, TruthPtr expression) : date_(std::move(date)), expression_(std::move(expression)) {}
    TruthAnswer eval(const View& view, Clause* clause) const override {
        const Reference reference = reference_of(*date_, view, clause);
        if (reference.date.state != DateAnswer::State::known)
            return {truth_between(false, reference.date.state == DateAnswer::State::unknown), reference.date.next};
        const TruthAnswer answer = eval_part(*expression_, view.on(reference.date.date), clause);
        if (clause != nullptr && reference.date.date > view.today && !clause->parts.back().detail.empty())
            clause->parts.back().detail =
                "on " + model::to_text(reference.date.date) + ", if taken as supplied: " + clause->parts.back().detail;
        return {answer.value, reference.next(view, answer.next)};
    }

  private:
    DatePtr date_;
    TruthPtr expression_;
};

class AtQuantity : public QuantityNode {
  public:
    AtQuantity(DatePtr date, QuantityPtr expression) : date_(std::move(date)), expression_(std::move(expression)) {}
    QuantityAnswer eval(const View& view, Clause* clause) const override {
        const Reference reference = reference_of(*date_, view, clause);
        if (reference.date.state == DateAnswer::State::none)
            return {{}, reference.date.next};
        if (reference.date.state == DateAnswer::State::unknown)
            return {{model::ValueInterval{}}, reference.date.next};
        QuantityAnswer answer = expression_->eval(view.on(reference.date.date), clause);
        answer.next = reference.next(view, answer.next);
        return answer;
    }

  private:
    DatePtr date_;
    QuantityPtr expression_;
};

} // namespace

TruthPtr make_compare_dates(DatePtr left, Comparison comparison, DatePtr right) {
    return std::make_unique<CompareDates>(std::move(left), comparison, std::move(right));
}
TruthPtr make_at(DatePtr date, TruthPtr expression) {
    return std::make_unique<At>(std::move(date), std::move(expression));
}
QuantityPtr make_at(DatePtr date, QuantityPtr expression) {
    return std::make_unique<AtQuantity>(std::move(date), std::move(expression));
}
DatePtr make_now() {
    return std::make_unique<Now>();
}
DatePtr make_raised() {
    return std::make_unique<Raised>();
}
DatePtr make_constant(Date date) {
    return std::make_unique<ConstantDate>(date);
}
DatePtr make_shifted(DatePtr operand, Span span, bool is_back) {
    return std::make_unique<Shifted>(std::move(operand), span, is_back);
}

} // namespace bonewatch::monitors
