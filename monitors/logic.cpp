#include "monitors/logic.h"

#include <algorithm>
#include <functional>

namespace bonewatch::monitors {

namespace {

using model::Comparison;
using model::ValueInterval;

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
    AtLeast(Rational n, std::vector<Weighted> operands) : n_(n), operands_(std::move(operands)) {}
    TruthAnswer eval(const View& view, Clause* clause) const override {
        Rational surely;
        Rational possibly;
        Instant next = never;
        for (const Weighted& operand : operands_) {
            const TruthAnswer part = eval_part(*operand.truth, view, clause);
            if (part.value == Truth::yes)
                surely += operand.weight;
            if (part.value != Truth::no)
                possibly += operand.weight;
            next = std::min(next, part.next);
        }
        if (clause != nullptr) {
            clause->detail = model::to_text(surely) + " of them, needs " + model::to_text(n_);
            clause->is_working = true;
        }
        return {truth_between(surely >= n_, possibly >= n_), next};
    }

  private:
    Rational n_;
    std::vector<Weighted> operands_;
};

class ConstantTruth : public TruthNode {
  public:
    explicit ConstantTruth(bool value) : value_(truth_of(value)) {}
    TruthAnswer eval(const View&, Clause*) const override { return {value_, never}; }

  private:
    Truth value_;
};

void mark_working(Clause& clause) {
    clause.is_working = true;
    std::ranges::for_each(clause.parts, mark_working);
}

class If : public TruthNode {
  public:
    If(TruthPtr condition, TruthPtr then, TruthPtr otherwise)
        : condition_(std::move(condition)), then_(std::move(then)), else_(std::move(otherwise)) {}
    TruthAnswer eval(const View& view, Clause* clause) const override {
        const TruthAnswer condition = eval_part(*condition_, view, clause);
        if (clause != nullptr) // What it leads to is said, not how it was chosen.
            mark_working(clause->parts.back());
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

class Agreed : public TruthNode {
  public:
    explicit Agreed(TruthPtr expression) : expression_(std::move(expression)) {}
    TruthAnswer eval(const View& view, Clause* clause) const override {
        if (view.is_late)
            return expression_->eval(view, clause);
        bool met_partial = false;
        View early = view;
        early.met_partial = &met_partial;
        TruthAnswer answer = expression_->eval(early, clause);
        if (!met_partial)
            return answer;
        if (view.met_partial != nullptr)
            *view.met_partial = true;
        View late = view;
        late.is_late = true;
        const TruthAnswer other = expression_->eval(late, nullptr);
        if (clause != nullptr && answer.value != other.value && !clause->detail.empty())
            clause->detail += ", or not: a date is known only in part";
        return {answer.value == other.value ? answer.value : Truth::unknown, std::min(answer.next, other.next)};
    }

  private:
    TruthPtr expression_;
};

class Compare : public TruthNode {
  public:
    Compare(QuantityPtr left, Comparison comparison, QuantityPtr right, bool needs_all)
        : left_(std::move(left)), comparison_(comparison), right_(std::move(right)), needs_all_(needs_all) {}

    TruthAnswer eval(const View& view, Clause* clause) const override {
        const QuantityAnswer left = left_->eval(view, clause);
        Clause other;
        const QuantityAnswer right = right_->eval(view, clause == nullptr ? nullptr : &other);
        if (clause != nullptr)
            say_against(other, *clause);
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
        if (clause != nullptr && value == Truth::unknown && !clause->detail.empty())
            clause->detail += ", which does not decide it";
        const bool is_against_constant = right.next == never && left.next != never && right.values.size() == 1;
        const Instant left_next =
            is_against_constant ? left_->next_crossing(view, left, comparison_, right.values.front()) : left.next;
        return {value, std::min(left_next, right.next)};
    }

  private:
    static void say_against(Clause& other, Clause& clause) {
        if (!other.detail.empty())
            clause.detail += (clause.detail.empty() ? "" : ", against: ") + other.detail;
        clause.evidence.insert(clause.evidence.end(), other.evidence.begin(), other.evidence.end());
        clause.dispensed.insert(clause.dispensed.end(), other.dispensed.begin(), other.dispensed.end());
        clause.set_aside.insert(clause.set_aside.end(), other.set_aside.begin(), other.set_aside.end());
    }

    QuantityPtr left_;
    Comparison comparison_;
    QuantityPtr right_;
    bool needs_all_;
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
TruthPtr make_at_least(Rational n, std::vector<Weighted> operands) {
    return std::make_unique<AtLeast>(n, std::move(operands));
}
TruthPtr make_constant(bool value) {
    return std::make_unique<ConstantTruth>(value);
}
TruthPtr make_if(TruthPtr condition, TruthPtr then, TruthPtr otherwise) {
    return std::make_unique<If>(std::move(condition), std::move(then), std::move(otherwise));
}
TruthPtr make_agreed(TruthPtr expression) {
    return std::make_unique<Agreed>(std::move(expression));
}
TruthPtr make_otherwise(TruthPtr left, TruthPtr right) {
    return std::make_unique<OtherwiseTruth>(std::move(left), std::move(right));
}
TruthPtr make_compare(QuantityPtr left, Comparison comparison, QuantityPtr right, bool needs_all) {
    return std::make_unique<Compare>(std::move(left), comparison, std::move(right), needs_all);
}

} // namespace bonewatch::monitors
