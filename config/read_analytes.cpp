#include "config/unit.h"
#include "config/vocabulary_tables.h"

#include <algorithm>
#include <set>

namespace bonewatch::config {

namespace {

/// How far a molar factor may be from the one that the molar mass gives: the printed factors have at least four digits.
const Rational molar_tolerance(1, 10'000);

struct Limits {
    std::optional<Rational> below, above;
};

Limits read_limits(Fields& fields, const std::string& key, Problems& problems) {
    const Value* value = fields.table(key);
    if (value == nullptr)
        return {};
    Fields inner(*value, "'" + key + "'", problems);
    Limits limits{inner.number("below"), inner.number("above")};
    inner.finish();
    if (limits.below && limits.above && *limits.below >= *limits.above)
        fields.problem(value->place, "bad_limits", "'" + key + "': below must be less than above");
    return limits;
}

Counts counts_of(const Dimension& dimension) {
    const bool is_of_moles = dimension.of(Base::mole) != 0 || dimension.of(Base::equivalent) != 0;
    if (is_of_moles && dimension.of(Base::second) == 0)
        return Counts::substance;
    return dimension.of(Base::gram) != 0 ? Counts::mass : Counts::other;
}

/// What the table says of one conversion beyond the conversion itself.
struct Claims {
    bool is_molar = false;
    bool is_affine = false;
    std::optional<Rational> valence;
    Place place;
};

/// The factor that UCUM, the valence and the molar mass (g/mol) give; nothing where the dimensions do not allow one.
std::optional<Rational> expected_factor(const Unit& from, const Unit& to, const Claims& claims,
                                        const std::optional<Rational>& molar_mass) {
    Unit from_one = from;
    if (claims.valence) {
        // As if an equivalent were a mole; the valence says how many it is.
        from_one.dimension.set(Base::mole, from.dimension.of(Base::mole) + from.dimension.of(Base::equivalent));
        from_one.dimension.set(Base::equivalent, 0);
    }
    if (claims.is_molar) {
        // As if a mole were a gram; the molar mass says how many it is.
        const int grams = from.dimension.of(Base::gram);
        if (!molar_mass || grams + from.dimension.of(Base::mole) != 1)
            return std::nullopt;
        from_one.dimension.set(Base::gram, from.dimension.of(Base::mole));
        from_one.dimension.set(Base::mole, grams);
    }
    std::optional<Rational> factor = ratio(from_one, to);
    if (factor && claims.valence)
        factor = *factor / *claims.valence;
    if (!factor || !claims.is_molar)
        return factor;
    return from.dimension.of(Base::gram) == 1 ? Rational::checked_product(*factor, Rational(1) / *molar_mass)
                                              : Rational::checked_product(*factor, *molar_mass);
}

bool is_near(const Rational& a, const Rational& b) {
    const Rational share = a / b - Rational(1);
    return share <= molar_tolerance && share >= -molar_tolerance;
}

/// Reads and checks one analyte.
class AnalyteReader {
  public:
    AnalyteReader(Fields& fields, Problems& problems) : fields_(fields), problems_(problems) {}

    Analyte read(const std::string& id) {
        analyte_.id = CodeId(id);
        analyte_.title = fields_.required_text("title");
        analyte_.unit = fields_.required_text("unit");
        analyte_.may_be_negative = fields_.flag("may_be_negative");
        analyte_.needs_range = fields_.flag("needs_range");
        molar_mass_ = fields_.number("molar_mass");
        read_molar_source();
        (void)fields_.text("reference");
        (void)fields_.text("note");
        const Limits reject = read_limits(fields_, "reject", problems_);
        const Limits flag = read_limits(fields_, "flag", problems_);
        analyte_.reject_below = reject.below;
        analyte_.reject_above = reject.above;
        analyte_.flag_below = flag.below;
        analyte_.flag_above = flag.above;
        read_units();
        return std::move(analyte_);
    }

  private:
    void read_molar_source() {
        const auto source = fields_.text("molar_source");
        if (molar_mass_ && (!source || source->empty()))
            fields_.problem(fields_.place("molar_mass"), "missing_source", "a molar mass needs its 'molar_source'");
        if (molar_mass_ && *molar_mass_ <= Rational(0)) {
            fields_.problem(fields_.place("molar_mass"), "bad_number", "a molar mass is more than 0");
            molar_mass_.reset();
        }
    }

    void read_units() {
        if (analyte_.unit.empty())
            return;
        canonical_ = parse_unit(analyte_.unit);
        if (!canonical_) {
            fields_.problem(fields_.place("unit"), "bad_unit", canonical_.error().message);
            return;
        }
        for (const Value& item : fields_.list("units"))
            read_unit_row(item);

        const auto canonical =
            std::ranges::find(analyte_.conversions, normalised_unit(analyte_.unit), &UnitConversion::unit);
        if (canonical == analyte_.conversions.end()) {
            fields_.problem(fields_.place("units"), "missing_unit",
                            "the canonical unit '" + analyte_.unit + "' is not among its own units");
            return;
        }
        if (canonical->factor != Rational(1) || !canonical->offset.is_zero() || canonical->is_of_range)
            fields_.problem(fields_.place("units"), "bad_factor",
                            "the canonical unit '" + analyte_.unit + "' must have the factor 1");
        std::rotate(analyte_.conversions.begin(), canonical, canonical + 1);
    }

    void read_unit_row(const Value& item) {
        Fields row(item, "a unit of '" + analyte_.id.text + "'", problems_);
        UnitConversion conversion;
        conversion.unit = row.required_text("unit");
        const auto factor = row.number("factor");
        conversion.factor = factor.value_or(Rational(1));
        conversion.offset = row.number("offset").value_or(Rational(0));
        conversion.is_flagged = row.flag("flagged");
        conversion.is_of_range = row.flag("of_range");
        const Claims claims{row.flag("molar"), row.has("offset"), row.number("valence"), item.place};
        const auto source = row.text("source");
        const Limits reject = read_limits(row, "reject", problems_);
        conversion.reject_below = reject.below;
        conversion.reject_above = reject.above;
        std::vector<std::string> spellings = row.texts("spelt");
        row.finish();
        if (conversion.unit.empty())
            return;
        if (claims.is_affine && (!source || source->empty()))
            row.problem(item.place, "missing_source", "an offset needs its 'source'");

        const bool is_readable = factor || !row.has("factor");
        if (!conversion.is_of_range && is_readable)
            check_factor(row, conversion, claims);
        else if (conversion.is_of_range && !analyte_.needs_range)
            row.problem(item.place, "bad_unit", "'of_range' belongs to analytes that say 'needs_range'");
        if (const auto unit = parse_unit(conversion.unit))
            conversion.counts = counts_of(unit->dimension);

        spellings.insert(spellings.begin(), conversion.unit);
        for (const std::string& spelling : spellings) {
            conversion.is_spelling = &spelling != &spellings.front();
            conversion.unit = normalised_unit(spelling);
            if (!spellings_.insert(conversion.unit).second)
                row.problem(item.place, "duplicate_unit", "the unit '" + spelling + "' is listed twice");
            analyte_.conversions.push_back(conversion);
        }
    }

    void check_factor(Fields& row, const UnitConversion& conversion, const Claims& claims) {
        if (conversion.unit == analyte_.unit)
            return; // Held against 1 when all rows are read.
        const auto unit = parse_unit(conversion.unit);
        if (!unit)
            return row.problem(row.place("unit"), "bad_unit", unit.error().message);
        if (conversion.factor <= Rational(0))
            return row.problem(row.place("factor"), "bad_factor", "a factor is more than 0");
        if (claims.valence && *claims.valence <= Rational(0))
            return row.problem(row.place("valence"), "bad_number", "a valence is more than 0");
        if (claims.is_affine)
            return; // Another scale of the same quantity, as its source says; UCUM knows nothing of it.
        if (claims.is_molar && !molar_mass_)
            return row.problem(row.place("molar"), "missing_source", "'molar' needs the analyte's 'molar_mass'");

        const auto expected = expected_factor(*unit, *canonical_, claims, molar_mass_);
        if (!expected)
            return row.problem(
                row.place("unit"), "bad_dimension",
                "'" + conversion.unit + "' does not measure what '" + analyte_.unit +
                    "' measures; between mass and substance say 'molar = true', and of equivalents their "
                    "'valence'");
        const bool is_right = claims.is_molar ? is_near(conversion.factor, *expected) : conversion.factor == *expected;
        if (!is_right)
            row.problem(row.place("factor"), "bad_factor",
                        "'" + conversion.unit + "' to '" + analyte_.unit + "' is " + to_text(*expected) + ", not " +
                            to_text(conversion.factor));
    }

    Fields& fields_;
    Problems& problems_;
    Analyte analyte_;
    std::optional<Rational> molar_mass_;
    model::Result<Unit> canonical_ = Unit{};
    std::set<std::string> spellings_;
};

} // namespace

AnalyteTable read_analytes(const Value& document, const PublishedCodes& systems, Problems& problems) {
    AnalyteTable table;
    for (const Entry& entry : std::get<Value::Table>(document.content)) {
        check_id(entry, problems);
        Fields fields(entry.value, "analyte '" + entry.key + "'", problems);
        Analyte analyte = AnalyteReader(fields, problems).read(entry.key);
        auto codes = read_codes(fields, analyte.id, CodeKind::analyte, systems, problems);
        fields.finish();
        table.analytes.push_back({std::move(analyte), problems.file(), entry.place});
        std::ranges::move(codes, std::back_inserter(table.codes));
    }
    return table;
}

} // namespace bonewatch::config
