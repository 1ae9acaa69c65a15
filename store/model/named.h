#pragma once

#include <compare>
#include <string>
#include <utility>

namespace bonewatch::model {

/// Text that names one kind of thing. Two kinds do not compare, assign or convert to one another.
template <typename Tag>
struct Named {
    std::string text;

    Named() = default;
    explicit Named(std::string value) : text(std::move(value)) {}

    [[nodiscard]] bool empty() const { return text.empty(); }
    friend auto operator<=>(const Named&, const Named&) = default;
    friend bool operator==(const Named&, const Named&) = default;
};

/// A sender of facts: a laboratory, a pharmacy, a file. Facts of one publisher are never another's to change.
using PublisherId = Named<struct PublisherTag>;
/// The publisher's own id for a fact.
using FactId = Named<struct FactTag>;
/// A vocabulary id: of an analyte (`tsh`), an ingredient (`prednisolone`), a condition or a procedure (`dxa`).
using CodeId = Named<struct CodeTag>;
/// A monitor's id, or that of one row of a family.
using MonitorId = Named<struct MonitorTag>;

/// A patient's opaque, permanent number: a counter of the directory. Nothing of an identifier can be read from it.
struct PatientNumber {
    unsigned long long value = 0;
    friend auto operator<=>(const PatientNumber&, const PatientNumber&) = default;
};

} // namespace bonewatch::model
