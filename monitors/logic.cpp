#include "monitors/logic.h"

#include <algorithm>
#include <functional>

namespace bonewatch::monitors {

namespace {

using model::Comparison;
using model::ValueInterval;

/// Evaluates into a part of the clause, where there is one.
TruthAnswer eval_part(const TruthNode& node, const View& view, Clause* clause) {
    if (clause == nullptr)
        return node.eval(view, nullptr);
    Clause part{.text = node.source, .value = Truth::no, .detail = {}, .evidence = {}, .set_aside = {}, .parts = {}};
    const TruthAnswer answer = node.eval(view, &part);
    part.value = answer.value;
    clause->parts.push_back(std::move(part));
    return answer;
}

/// And, or: `absorbing` is the value that one operand alone can force.
class Junction : public TruthNode {
  public:
    Junction(std::vector<TruthPtr> operands, Truth absorbing) : operands_(std::move(operands)), absorbing_(absorbing) {}

    TruthAnswer eval(const View& view, Clause* clause) const override {
        Truth value = !absorbing_;
        Instant next = never;
        Instant next_of_absorbing = Instant::min();
        for (const TruthPtr& operand : operands_) {
            const TruthAnswer part = eval_part(*operand, view, clause);
            value = absorbing_ == Truth::no ? value && part.value : value || part.value;
            next = std::min(next, part.next);
            if (part.value == absorbing_)
                next_of_absorbing = std::max(next_of_absorbing, part.next);
            if (next_of_absorbing == never && clause == nullptr)
                return {absorbing_, never};
        }
        return {value, value == absorbing_ ? next_of_absorbing : next};
    }

  private:
    std::vector<TruthPtr> operands_;
    Truth absorbing_;
};

class Not : public TruthNode {
  public:
    explicit Not(TruthPtr operand) : operand_(std::move(operand)) {}
    TruthAnswer eval(const View& view, Clause* clause) const override {
        const TruthAnswer answer = eval_part(*operand_, view, clause);
        return {!answer.value, answer.next};
    }

  private:
    TruthPtr operand_;
};

class AtLeast : public TruthNode {
  public:
    AtLeast(std::size_t n, std::vector<TruthPtr> operands) : n_(n), operands_(std::move(operands)) {}
    TruthAnswer eval(const View& view, Clause* clause) const override {
        std::size_t surely = 0;
        std::size_t possibly = 0;
        Instant next = never;
        for (const TruthPtr& operand : operands_) {
            const TruthAnswer part = eval_part(*operand, view, clause);
            surely += part.value == Truth::yes ? 1 : 0;
            possibly += part.value != Truth::no ? 1 : 0;
            next = std::min(next, part.next);
        }
        return {truth_between(surely >= n_, possibly >= n_), next};
    }

  private:
    std::size_t n_;
    std::vector<TruthPtr> operands_;
};

class ConstantTruth : public TruthNode {
  public:
    explicit ConstantTruth(bool value) : value_(truth_of(value)) {}
    TruthAnswer eval(const View&, Clause*) const override { return {value_, never}; }

  private:
    Truth value_;
};

class If : public TruthNode {
  public:
    If(TruthPtr condition, TruthPtr then, TruthPtr otherwise)
        : condition_(std::move(condition)), then_(std::move(then)), else_(std::move(otherwise)) {}
    TruthAnswer eval(const View& view, Clause* clause) const override {
        const TruthAnswer condition = eval_part(*condition_, view, clause);
        if (condition.value != Truth::unknown) {
            const TruthAnswer chosen = eval_part(condition.value == Truth::yes ? *then_ : *else_, view, clause);
            return {chosen.value, std::min(condition.next, chosen.next)};
        }
        const TruthAnswer a = eval_part(*then_, view, clause);
        const TruthAnswer b = eval_part(*else_, view, clause);
        return {a.value == b.value ? a.value : Truth::unknown, std::min({condition.next, a.next, b.next})};
    }

  private:
    TruthPtr condition_, then_, else_;
};

class OtherwiseTruth : public TruthNode {
  public:
    OtherwiseTruth(TruthPtr left, TruthPtr right) : left_(std::move(left)), right_(std::move(right)) {}
    TruthAnswer eval(const View& view, Clause* clause) const override {
        const TruthAnswer left = eval_part(*left_, view, clause);
        if (left.value != Truth::unknown)
            return left;
        const TruthAnswer right = eval_part(*right_, view, clause);
        return {right.value, std::min(left.next, right.next)};
    }

  private:
    TruthPtr left_, right_;
};

class Compare : public TruthNode {
  public:
    Compare(QuantityPtr left, Comparison comparison, QuantityPtr right, bool needs_all)
        : left_(std::move(left)), comparison_(comparison), right_(std::move(right)), needs_all_(needs_all) {}

    TruthAnswer eval(const View& view, Clause* clause) const override {
        const QuantityAnswer left = left_->eval(view, clause);
        const QuantityAnswer right = right_->eval(view, clause);
        if (left.values.empty() || right.values.empty()) {
            if (clause != nullptr && clause->detail.empty())
                clause->detail = "nothing to compare";
            return {Truth::no, std::min(left.next, right.next)};
        }
        Truth value = truth_of(needs_all_);
        for (const ValueInterval& a : left.values)
            for (const ValueInterval& b : right.values) {
                const Truth one = model::compare(a, comparison_, b);
                value = needs_all_ ? value && one : value || one;
            }
        const bool is_against_constant = right.next == never && left.next != never && right.values.size() == 1;
        const Instant left_next =
            is_against_constant ? left_->next_crossing(view, comparison_, right.values.front()) : left.next;
        return {value, std::min(left_next, right.next)};
    }

  private:
    QuantityPtr left_;
    Comparison comparison_;
    QuantityPtr right_;
    bool needs_all_;
};

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
        if (left.state == DateAnswer::State::none || right.state == DateAnswer::State::none) {
            if (clause != nullptr)
                clause->detail = "no such date";
            return {Truth::no, next};
        }
        if (left.state == DateAnswer::State::unknown || right.state == DateAnswer::State::unknown)
            return {Truth::unknown, next};
        const bool value = compare_dates(left.date, comparison_, right.date);
        if (clause != nullptr)
            clause->detail = told(view, left.date, right.date);
        return {truth_of(value), std::min(next, next_turn(view, left.date, right.date, value))};
    }

  private:
    /// Against now: the date that was, or will be, reached. Otherwise both.
    std::string told(const View& view, Date left, Date right) const {
        if (left_->moves_with_now() == right_->moves_with_now())
            return model::to_text(left) + " against " + model::to_text(right);
        const Days distance = left_->moves_with_now() ? right - left : left - right;
        const Date date = view.today + distance;
        return (date <= view.today ? "reached on " : "not before ") + model::to_text(date);
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

class At : public TruthNode {
  public:
    At(DatePtr date, TruthPtr expression) : date_(std::move(date)), expression_(std::move(expression)) {}
    TruthAnswer eval(const View& view, Clause* clause) const override {
        const DateAnswer date = date_->eval(view, clause);
        if (date.state == DateAnswer::State::none) {
            if (clause != nullptr)
                clause->detail = "no such date";
            return {Truth::no, date.next};
        }
        if (date.state == DateAnswer::State::unknown)
            return {Truth::unknown, date.next};
        const TruthAnswer answer = eval_part(*expression_, view.on(std::min(date.date, view.today)), clause);
        return {answer.value, date.next};
    }

  private:
    DatePtr date_;
    TruthPtr expression_;
};

class ConstantQuantity : public QuantityNode {
  public:
    explicit ConstantQuantity(ValueInterval value) : value_(std::move(value)) {}
    QuantityAnswer eval(const View&, Clause*) const override { return {{value_}, never}; }

  private:
    ValueInterval value_;
};

class Sum : public QuantityNode {
  public:
    Sum(QuantityPtr left, QuantityPtr right, bool is_difference)
        : left_(std::move(left)), right_(std::move(right)), is_difference_(is_difference) {}
    QuantityAnswer eval(const View& view, Clause* clause) const override {
        const QuantityAnswer left = left_->eval(view, clause);
        const QuantityAnswer right = right_->eval(view, clause);
        QuantityAnswer answer{{}, std::min(left.next, right.next)};
        for (const ValueInterval& a : left.values)
            for (const ValueInterval& b : right.values)
                answer.values.push_back(is_difference_ ? a - b : a + b);
        return answer;
    }

  private:
    QuantityPtr left_, right_;
    bool is_difference_;
};

class Scaled : public QuantityNode {
  public:
    Scaled(QuantityPtr operand, Rational factor) : operand_(std::move(operand)), factor_(factor) {}
    QuantityAnswer eval(const View& view, Clause* clause) const override {
        QuantityAnswer answer = operand_->eval(view, clause);
        for (ValueInterval& value : answer.values)
            value = value * factor_;
        return answer;
    }

  private:
    QuantityPtr operand_;
    Rational factor_;
};

class OtherwiseQuantity : public QuantityNode {
  public:
    OtherwiseQuantity(QuantityPtr left, QuantityPtr right) : left_(std::move(left)), right_(std::move(right)) {}
    QuantityAnswer eval(const View& view, Clause* clause) const override {
        QuantityAnswer left = left_->eval(view, clause);
        const bool is_definite = !left.values.empty() && std::ranges::all_of(left.values, [](const ValueInterval& v) {
            return v.low.has_value() || v.high.has_value();
        });
        if (is_definite)
            return left;
        QuantityAnswer right = right_->eval(view, clause);
        right.next = std::min(left.next, right.next);
        return right;
    }

  private:
    QuantityPtr left_, right_;
};

class Now : public DateNode {
  public:
    DateAnswer eval(const View& view, Clause*) const override { return {DateAnswer::State::known, view.today, never}; }
    bool moves_with_now() const override { return true; }
};

class Raised : public DateNode {
  public:
    DateAnswer eval(const View& view, Clause*) const override { return {DateAnswer::State::known, view.raised, never}; }
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

} // namespace

TruthPtr make_and(std::vector<TruthPtr> operands) {
    return std::make_unique<Junction>(std::move(operands), Truth::no);
}
TruthPtr make_or(std::vector<TruthPtr> operands) {
    return std::make_unique<Junction>(std::move(operands), Truth::yes);
}
TruthPtr make_not(TruthPtr operand) {
    return std::make_unique<Not>(std::move(operand));
}
TruthPtr make_at_least(std::size_t n, std::vector<TruthPtr> operands) {
    return std::make_unique<AtLeast>(n, std::move(operands));
}
TruthPtr make_constant(bool value) {
    return std::make_unique<ConstantTruth>(value);
}
TruthPtr make_if(TruthPtr condition, TruthPtr then, TruthPtr otherwise) {
    return std::make_unique<If>(std::move(condition), std::move(then), std::move(otherwise));
}
TruthPtr make_otherwise(TruthPtr left, TruthPtr right) {
    return std::make_unique<OtherwiseTruth>(std::move(left), std::move(right));
}
TruthPtr make_compare(QuantityPtr left, Comparison comparison, QuantityPtr right, bool needs_all) {
    return std::make_unique<Compare>(std::move(left), comparison, std::move(right), needs_all);
}
TruthPtr make_compare_dates(DatePtr left, Comparison comparison, DatePtr right) {
    return std::make_unique<CompareDates>(std::move(left), comparison, std::move(right));
}
TruthPtr make_at(DatePtr date, TruthPtr expression) {
    return std::make_unique<At>(std::move(date), std::move(expression));
}
QuantityPtr make_constant(ValueInterval value) {
    return std::make_unique<ConstantQuantity>(std::move(value));
}
QuantityPtr make_sum(QuantityPtr left, QuantityPtr right, bool is_difference) {
    return std::make_unique<Sum>(std::move(left), std::move(right), is_difference);
}
QuantityPtr make_scaled(QuantityPtr operand, Rational factor) {
    return std::make_unique<Scaled>(std::move(operand), factor);
}
QuantityPtr make_otherwise(QuantityPtr left, QuantityPtr right) {
    return std::make_unique<OtherwiseQuantity>(std::move(left), std::move(right));
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
