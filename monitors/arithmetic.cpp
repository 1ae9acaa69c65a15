#include "monitors/logic.h"

#include <algorithm>

namespace bonewatch::monitors {

namespace {

using model::ValueInterval;

/// Answers of which any may be the right one: from the least to the greatest.
QuantityAnswer either_of(const QuantityAnswer& a, const QuantityAnswer& b) {
    QuantityAnswer answer{{}, std::min(a.next, b.next)};
    if (a.values == b.values)
        answer.values = a.values;
    else if (a.values.size() == 1 && b.values.size() == 1)
        answer.values = {hull_of(a.values.front(), b.values.front())};
    else
        answer.values = {ValueInterval{}};
    return answer;
}

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
        Clause other;
        const QuantityAnswer right = right_->eval(view, clause == nullptr ? nullptr : &other);
        if (clause != nullptr) {
            if (other.detail.starts_with(clause->detail)) // One says the other.
                clause->detail = other.detail;
            else if (!other.detail.empty())
                clause->detail += " and " + other.detail;
            clause->evidence.insert(clause->evidence.end(), other.evidence.begin(), other.evidence.end());
            clause->set_aside.insert(clause->set_aside.end(), other.set_aside.begin(), other.set_aside.end());
            clause->dispensed.insert(clause->dispensed.end(), other.dispensed.begin(), other.dispensed.end());
        }
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

class IfQuantity : public QuantityNode {
  public:
    IfQuantity(TruthPtr condition, QuantityPtr then, QuantityPtr otherwise)
        : condition_(std::move(condition)), then_(std::move(then)), else_(std::move(otherwise)) {}
    QuantityAnswer eval(const View& view, Clause* clause) const override {
        const TruthAnswer condition = condition_->eval(view, nullptr);
        QuantityAnswer answer = condition.value == Truth::unknown
                                    ? either_of(then_->eval(view, clause), else_->eval(view, clause))
                                    : (condition.value == Truth::yes ? *then_ : *else_).eval(view, clause);
        answer.next = std::min(answer.next, condition.next);
        return answer;
    }

  private:
    TruthPtr condition_;
    QuantityPtr then_, else_;
};

} // namespace

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
QuantityPtr make_if(TruthPtr condition, QuantityPtr then, QuantityPtr otherwise) {
    return std::make_unique<IfQuantity>(std::move(condition), std::move(then), std::move(otherwise));
}

} // namespace bonewatch::monitors
