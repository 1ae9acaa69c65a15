#pragma once

#include "store/model/interval.h"

namespace bonewatch::reference {

using model::Truth;

inline Truth as_truth(bool value) {
    return value ? Truth::yes : Truth::no;
}
inline Truth negated(Truth a) {
    return a == Truth::yes ? Truth::no : a == Truth::no ? Truth::yes : Truth::unknown;
}
inline Truth both(Truth a, Truth b) {
    if (a == Truth::no || b == Truth::no)
        return Truth::no;
    return a == Truth::yes && b == Truth::yes ? Truth::yes : Truth::unknown;
}
inline Truth either(Truth a, Truth b) {
    return negated(both(negated(a), negated(b)));
}
/// What is perhaps not there can never be certain.
inline Truth at_most_unknown(Truth a) {
    return a == Truth::yes ? Truth::unknown : a;
}

template <typename... Rest>
Truth both(Truth a, Truth b, Rest... rest) {
    return both(both(a, b), rest...);
}
template <typename... Rest>
Truth either(Truth a, Truth b, Rest... rest) {
    return either(either(a, b), rest...);
}

} // namespace bonewatch::reference
