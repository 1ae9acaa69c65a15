#include "tests/reference/twelve_monitors.h"

#include "tests/reference/exposure.h"
#include "tests/reference/results.h"

namespace bonewatch::reference {

namespace {

using model::Comparison;
using model::Rational;

const Codes steroid{"glucocorticoid-systemic"};
const Codes thyroid_hormone{"thyroid-hormone"};
const Codes antithyroid{"antithyroid"};
const Codes thyroid_drug{"thyroid-hormone", "antithyroid"};
const Codes bisphosphonate{"bisphosphonate"};
const Codes antiresorptive{"bisphosphonate", "rankl-inhibitor", "serm"};
const Codes bone_protection{"bisphosphonate", "rankl-inhibitor", "serm", "anabolic", "sex-hormone-replacement"};
const Codes bone_assessment{"dxa", "frax", "qfracture", "tscore-spine", "tscore-hip", "tscore-femneck"};
const Codes any_fracture{"fragility-fracture", "hip-fracture", "vertebral-fracture", "wrist-fracture"};
const Codes malabsorptive{"coeliac", "crohns", "malabsorption", "gastric-bypass"};
const Codes pituitary_disease{"pituitary-disease"};
const Codes thyroid_cancer{"thyroid-cancer"};

constexpr Date ever{Days(-1'000'000)};

Units mg(std::int64_t amount) {
    return amount * units_per_mg;
}
SampleQuestion below(Rational bound) {
    return is_value(Comparison::less, bound);
}
SampleQuestion at_or_above(Rational bound) {
    return is_value(Comparison::greater_equal, bound);
}
Truth no_reason(const Look&) {
    return Truth::no;
}

/// now >= anchor + days; false without an anchor.
Truth has_passed(const Look& look, const Anchor& anchor, Days days) {
    if (anchor.exists != Truth::yes)
        return anchor.exists;
    return anchor.date_last + days <= look.view.today() ? Truth::yes
           : anchor.date + days > look.view.today()     ? Truth::no
                                                        : Truth::unknown;
}

/// missing(codes, from: anchor + days); false without an anchor.
Truth missing_since(const Look& look, const Codes& codes, const Anchor& anchor, Days days) {
    if (anchor.exists != Truth::yes)
        return anchor.exists;
    const Truth early = look.view.missing(codes, anchor.date + days);
    return early == look.view.missing(codes, anchor.date_last + days) ? early : Truth::unknown;
}

Truth age_and_bones_at_risk(const Look& look) {
    return either(look.view.age_at_least(65), look.view.known({"osteoporosis"}), look.view.known(any_fracture));
}

Truth on_thyroid_hormone(const Look& look) {
    return look.view.exposure(thyroid_hormone).is_on();
}

Monitor tsh_suppressed() {
    return {
        .id = "tsh-suppressed",
        .when =
            [](const Look& look) {
                return sustained(look.view, "tsh", {2, Days(90), Days(400)}, SampleDay::any, below({1, 10}));
            },
        .unless =
            [](const Look& look) {
                return either(on_thyroid_hormone(look), look.view.known(pituitary_disease),
                              look.view.known(thyroid_cancer));
            },
        .clears =
            [](const Look& look) {
                return either(latest(look.view, "tsh", ever, SampleDay::all, at_or_above({4, 10})),
                              sustained(look.view, "tsh", {2, Days(0), {}}, SampleDay::all, at_or_above({1, 10})));
            },
        .severity = [](const Look& look) { return age_and_bones_at_risk(look) == Truth::yes ? "urgent" : "warning"; },
    };
}

Monitor levothyroxine_overreplacement() {
    const auto on_treatment_then = [](const View& view) {
        return [&view](const Sample& sample) { return view.at(sample.date).exposure(thyroid_hormone).is_on(); };
    };
    return {
        .id = "levothyroxine-overreplacement",
        .when =
            [=](const Look& look) {
                return both(on_thyroid_hormone(look),
                            sustained(look.view, "tsh", {2, Days(60), Days(400)}, SampleDay::any, below({4, 10}),
                                      on_treatment_then(look.view)));
            },
        .unless =
            [](const Look& look) {
                return either(look.view.known(thyroid_cancer), look.view.known(pituitary_disease),
                              look.view.exposure(antithyroid).is_on());
            },
        .clears =
            [](const Look& look) {
                const Anchor change =
                    look.view.exposure(thyroid_hormone).last_dose_change(units_per_mg / 1000 * 25 / 2, {});
                Truth normal_since = change.exists;
                if (change.exists == Truth::yes)
                    normal_since = latest(look.view, "tsh", change.date, SampleDay::all, at_or_above({4, 10}));
                return either(normal_since, negated(on_thyroid_hormone(look)));
            },
        .severity =
            [](const Look& look) {
                const Truth suppressed = latest(look.view, "tsh", ever, SampleDay::any, below({1, 10}));
                return both(suppressed, age_and_bones_at_risk(look)) == Truth::yes ? "urgent" : "warning";
            },
    };
}

Monitor tsh_low() {
    return {
        .id = "tsh-low",
        .when =
            [](const Look& look) {
                return both(sustained(look.view, "tsh", {3, Days(180), Days(270)}, SampleDay::any, below({4, 10})),
                            as_truth(!look.open.contains("tsh-suppressed")));
            },
        .unless =
            [](const Look& look) {
                return either(look.view.known(pituitary_disease), look.view.known(thyroid_cancer),
                              as_truth(look.open.contains("levothyroxine-overreplacement")));
            },
        .clears =
            [](const Look& look) {
                return sustained(look.view, "tsh", {2, Days(0), {}}, SampleDay::all, at_or_above({4, 10}));
            },
        .severity = [](const Look& look) { return look.view.age_at_least(65) == Truth::yes ? "warning" : "info"; },
    };
}

Monitor levothyroxine_no_tsh() {
    const auto when = [](const Look& look) {
        const View& view = look.view;
        const Truth annual =
            both(view.exposure(thyroid_hormone).is_on_for(Days(400)), view.missing({"tsh"}, view.today() - Days(395)));
        const Anchor change =
            view.exposure(thyroid_hormone).last_dose_change(units_per_mg / 1000 * 25 / 2, view.today() - Days(400));
        const Truth after_change =
            both(has_passed(look, change, Days(112)), missing_since(look, {"tsh"}, change, Days(42)));
        return both(on_thyroid_hormone(look), either(annual, after_change));
    };
    return {
        .id = "levothyroxine-no-tsh",
        .when = when,
        .unless = no_reason,
        .clears = [=](const Look& look) { return negated(when(look)); },
        .severity =
            [](const Look& look) {
                return look.view.missing({"tsh"}, look.view.today() - Days(550)) == Truth::yes ? "warning" : "info";
            },
    };
}

Truth off_steroid_for_a_month(const Look& look) {
    return negated(look.view.exposure(steroid).is_on(Days(30)));
}

Monitor steroid_5mg_90d() {
    return {
        .id = "steroid-5mg-90d",
        .when =
            [](const Look& look) {
                return both(look.view.exposure(steroid).is_on_for(Days(90), Days(14)),
                            look.view.exposure(steroid).average_at_least(Days(90), mg(5)));
            },
        .unless = no_reason,
        .clears =
            [](const Look& look) {
                return either(off_steroid_for_a_month(look),
                              look.view.exposure(steroid).average_below(Days(30), mg(5)));
            },
        .severity = [](const Look&) { return "warning"; },
    };
}

Monitor steroid_7p5mg_90d_unprotected() {
    return {
        .id = "steroid-7p5mg-90d-unprotected",
        .when =
            [](const Look& look) {
                return both(look.view.exposure(steroid).is_on_for(Days(90), Days(14)),
                            look.view.exposure(steroid).average_at_least(Days(90), mg(15) / 2),
                            negated(look.view.exposure(bone_protection).is_on()));
            },
        .unless = no_reason,
        .clears =
            [](const Look& look) {
                return either(look.view.exposure(bone_protection).is_on(), off_steroid_for_a_month(look));
            },
        .severity =
            [](const Look& look) {
                const Truth urgent = either(look.view.age_at_least(50), look.view.known(any_fracture));
                return urgent == Truth::yes ? "urgent" : "warning";
            },
    };
}

Monitor steroid_no_dxa() {
    return {
        .id = "steroid-no-dxa",
        .when =
            [](const Look& look) {
                const Anchor start = look.view.exposure(steroid).last_started();
                return both(as_truth(look.open.contains("steroid-5mg-90d")), has_passed(look, start, Days(182)),
                            missing_since(look, bone_assessment, start, Days(-365)));
            },
        .unless = no_reason,
        .clears =
            [](const Look& look) {
                return either(look.view.happened(bone_assessment, look.raised), off_steroid_for_a_month(look));
            },
        .severity = [](const Look&) { return "warning"; },
    };
}

Monitor steroid_cumulative_12m() {
    return {
        .id = "steroid-cumulative-12m",
        .when = [](const Look& look) { return look.view.exposure(steroid).total_at_least(Days(365), mg(1000)); },
        .unless = no_reason,
        .clears =
            [](const Look& look) { return negated(look.view.exposure(steroid).total_at_least(Days(365), mg(800))); },
        .severity =
            [](const Look& look) {
                const Truth urgent = look.view.exposure(steroid).total_at_least(Days(365), mg(5000));
                return urgent == Truth::yes ? "urgent" : "warning";
            },
    };
}

Monitor vitamin_d_deficient() {
    const auto deficient = [](const Look& look) {
        return latest(look.view, "vitd25", ever, SampleDay::any, below(25));
    };
    return {
        .id = "vitamin-d-deficient",
        .when =
            [=](const Look& look) {
                const View& view = look.view;
                const Truth at_risk = either(view.known({"osteoporosis"}), view.known(any_fracture),
                                             view.exposure(antiresorptive).is_on(), view.exposure(steroid).is_on(),
                                             view.exposure({"anticonvulsant-bone"}).is_on(), view.known(malabsorptive));
                return either(deficient(look), both(at_risk, latest(view, "vitd25", ever, SampleDay::any, below(50))),
                              sustained(view, "vitd25", {2, Days(90), Days(540)}, SampleDay::any, below(50)));
            },
        .unless = no_reason,
        .clears =
            [](const Look& look) {
                return latest(look.view, "vitd25", look.raised + Days(28), SampleDay::all, at_or_above(50));
            },
        .severity = [=](const Look& look) { return deficient(look) == Truth::yes ? "warning" : "info"; },
    };
}

Monitor denosumab_overdue() {
    const auto last_dose = [](const Look& look) {
        return look.view.last_given("denosumab", {60, model::DoseUnit::milligram}, Days(1095));
    };
    const auto when = [=](const Look& look) {
        const Anchor last = last_dose(look);
        return both(has_passed(look, last, Days(183)), negated(look.view.exposure(bisphosphonate).is_on()),
                    missing_since(look, {"denosumab"}, last, Days(1)));
    };
    return {
        .id = "denosumab-overdue",
        .when = when,
        .unless = no_reason,
        .clears = [=](const Look& look) { return negated(when(look)); },
        .severity =
            [=](const Look& look) {
                return has_passed(look, last_dose(look), Days(213)) == Truth::yes ? "urgent" : "info";
            },
    };
}

Monitor ra_over_1y_no_bone_assessment() {
    const auto when = [](const Look& look) {
        return both(look.view.known_for_years("rheumatoid-arthritis", 1),
                    look.view.missing(bone_assessment, look.view.today() - Days(1095)));
    };
    return {
        .id = "ra-over-1y-no-bone-assessment",
        .when = when,
        .unless = [](const Look& look) { return look.view.known({"juvenile-arthritis"}); },
        .clears = [=](const Look& look) { return negated(when(look)); },
        .severity =
            [](const Look& look) {
                const View& view = look.view;
                const Truth past_menopause =
                    either(view.age_at_least(50), view.known({"menopause", "early-menopause"}));
                const Truth warning = either(both(view.is_female(), past_menopause), view.exposure(steroid).is_on());
                return warning == Truth::yes ? "warning" : "info";
            },
    };
}

Monitor fracture_on_thyroid_hormone() {
    return {
        .id = "fracture-on-thyroid-hormone",
        .when =
            [](const Look& look) {
                const auto then = [&](Date date) {
                    const View at = look.view.at(date);
                    return both(at.age_at_least(50), at.exposure(thyroid_drug).is_on(Days(90)));
                };
                const Anchor fracture = look.view.last(any_fracture, Days(400));
                if (fracture.exists != Truth::yes)
                    return fracture.exists;
                const Truth early = then(fracture.date);
                return early == then(fracture.date_last) ? early : Truth::unknown;
            },
        .unless = no_reason,
        .clears =
            [](const Look& look) {
                const auto is_normal = [](const Sample& sample) {
                    return both(at_or_above(sample.range_low.value_or(Rational(4, 10)))(sample),
                                is_value(Comparison::less_equal, sample.range_high.value_or(Rational(4)))(sample));
                };
                return both(any_result(look.view, "tsh", look.raised, SampleDay::all, is_normal),
                            look.view.happened(bone_assessment, look.raised));
            },
        .severity =
            [](const Look& look) {
                const Date from = look.view.today() - Days(180);
                const Truth urgent = either(latest(look.view, "tsh", from, SampleDay::any, below({4, 10})),
                                            look.view.missing({"tsh"}, from));
                return urgent == Truth::yes ? "urgent" : "warning";
            },
    };
}

} // namespace

const std::vector<Monitor>& twelve_monitors() {
    static const std::vector<Monitor> all{
        tsh_suppressed(),
        levothyroxine_overreplacement(),
        tsh_low(),
        levothyroxine_no_tsh(),
        steroid_5mg_90d(),
        steroid_7p5mg_90d_unprotected(),
        steroid_no_dxa(),
        steroid_cumulative_12m(),
        vitamin_d_deficient(),
        denosumab_overdue(),
        ra_over_1y_no_bone_assessment(),
        fracture_on_thyroid_hormone(),
    };
    return all;
}

Truth common_unless(const View& view) {
    return either(view.is_dead(), negated(view.is_registered()), negated(view.age_at_least(18)));
}

} // namespace bonewatch::reference
