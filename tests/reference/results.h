#pragma once

#include "tests/reference/view.h"

#include <functional>

namespace bonewatch::reference {

/// How the results of one date answer together: any of them where an opening is weighed, all of them in `clears`.
enum class SampleDay { any, all };

using SampleQuestion = std::function<Truth(const Sample&)>;

[[nodiscard]] SampleQuestion is_value(model::Comparison comparison, model::Rational bound);

/// The newest sample-day since `from`; false where there is none.
[[nodiscard]] Truth latest(const View& view, const std::string& analyte, Date from, SampleDay rule,
                           const SampleQuestion& question);

struct Run {
    std::size_t results = 0;
    Days span{0};
    std::optional<Days> gap;
};

/// `where` decides which samples take part; one of which nobody can say it is left out as indeterminate.
[[nodiscard]] Truth sustained(const View& view, const std::string& analyte, const Run& run, SampleDay rule,
                              const SampleQuestion& question, const SampleQuestion& where = {});

/// Whether at least one sample-day since `from` answers the question.
[[nodiscard]] Truth any_result(const View& view, const std::string& analyte, Date from, SampleDay rule,
                               const SampleQuestion& question);

} // namespace bonewatch::reference
