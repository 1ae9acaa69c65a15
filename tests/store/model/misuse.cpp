#include "store/model/named.h"

using namespace bonewatch::model;

/// Compiles as it stands; with one of the misuses it must not.
bool sound(const FactId& fact, const FactId& other, PublisherId publisher) {
#if defined(MISUSE_compare)
    return fact == publisher;
#elif defined(MISUSE_assign)
    publisher = fact;
#elif defined(MISUSE_construct)
    publisher = PublisherId(fact);
#endif
    return fact == other && fact < other && publisher == PublisherId("lab");
}
