#include "monitors/span.h"

namespace bonewatch::monitors {

Date operator+(Date date, Span span) {
    return model::add_months(date, span.months) + Days(span.days);
}

Date operator-(Date date, Span span) {
    return model::add_months(date, -span.months) - Days(span.days);
}

Span operator+(Span a, Span b) {
    return {a.months + b.months, a.days + b.days};
}

Date first_beyond(Date date, Span span) {
    Date candidate = date + span;
    while (candidate - span > date)
        candidate -= Days(1);
    while (candidate - span <= date)
        candidate += Days(1);
    return candidate;
}

std::string to_text(Span span) {
    std::string text;
    if (span.months != 0)
        text = span.months % 12 == 0 ? std::to_string(span.months / 12) + " y" : std::to_string(span.months) + " mo";
    if (span.days != 0 || span.months == 0)
        text += (text.empty() ? "" : " ") + std::to_string(span.days) + " d";
    return text;
}

double usual_days(Span span) {
    return span.months * 30.44 + span.days;
}

} // namespace bonewatch::monitors
