#pragma once

#include "monitors/definition.h"
#include "monitors/questions.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace bonewatch::monitors {

/// What monitors, once compiled, share: the exposures that any of them asks about. Their indices stand in the nodes.
struct ExposureSets {
    std::vector<ExposureSet> sets;
    /// The index of a set equal to this one, adding it where there is none.
    std::size_t index_of(ExposureSet set);
};

/// The language's words that take arguments, each with the names of its optional ones.
[[nodiscard]] const std::map<std::string, std::vector<std::string>>& words_with_arguments();
/// Its words that take none.
[[nodiscard]] const std::vector<std::string>& plain_words();

/// What an expression reads: the facts that can wake its monitor.
struct Reads {
    std::set<model::CodeId> codes;   ///< Analytes, conditions, procedures, drugs given as single doses.
    std::set<std::size_t> exposures; ///< Indices of exposure sets.
    std::set<std::size_t> monitors;  ///< Those whose episodes `open` asks about.
};

/// Turns what a monitor writes into nodes, checking every name, unit and type. All messages name file, line, column,
/// what was expected, and the nearest right word.
class Compiler {
  public:
    /// All must outlive the compiler; `monitors` in the order of their indices.
    Compiler(const config::Vocabulary& vocabulary, const Common& common, const std::vector<Definition>& monitors,
             ExposureSets& exposures);

    /// The monitor whose names hold from here on.
    void enter(const Definition& definition);
    /// Its thresholds and lets hide nothing: one that has the name of something else is a problem.
    [[nodiscard]] model::Result<void> check_name(const std::string& name, const Place& place) const;

    /// Which question an expression answers: closing is always the harder way.
    enum class Role : unsigned char { ordinary, clears };
    [[nodiscard]] model::Result<TruthPtr> truth(const Written& written, Role role);
    /// A rule about a sample of `analyte`, evaluated at its own time.
    [[nodiscard]] model::Result<TruthPtr> sample_rule(const Written& written, const model::CodeId& analyte);
    [[nodiscard]] model::Result<Span> span(const Written& written);
    /// Checks a threshold's value against its range, and a `require` between thresholds.
    [[nodiscard]] model::Result<void> check(const Threshold& threshold);
    [[nodiscard]] model::Result<void> check_require(const Written& written);

    /// What is legal but probably wrong, in all that was compiled so far: each with its place.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
    /// What has been read since `enter`.
    [[nodiscard]] const Reads& reads() const { return reads_; }

  private:
    enum class Kind : unsigned char { truth, number, value, percent, dose, years, span, date, literal };
    /// What an expression yields; `analyte` for values.
    struct Type {
        Kind kind = Kind::truth;
        model::CodeId analyte;
        bool is_difference = false; ///< Of two values: a unit that is offset (HbA1c in %) does not measure it.
    };

    template <typename T>
    using Result = model::Result<T>;

    Result<Expr> parsed(const Written& written) const;
    /// Follows thresholds and lets to what they stand for.
    Result<Expr> resolved(const Expr& expr) const;
    Result<Type> type_of(const Expr& expr);

    Result<TruthPtr> compile_truth(const Expr& expr);
    Result<TruthPtr> compile_call(const Expr& expr);
    Result<TruthPtr> compile_compare(const Expr& expr);
    Result<TruthPtr> compile_is(const Expr& expr);
    Result<TruthPtr> compile_known(const Expr& expr);
    Result<TruthPtr> compile_on(const Expr& expr);
    Result<TruthPtr> compile_sustained(const Expr& expr);
    Result<TruthPtr> compile_missing(const Expr& expr);
    Result<TruthPtr> compile_incomplete(const Expr& expr);
    Result<TruthPtr> compile_at_least(const Expr& expr);
    Result<TruthPtr> compile_open(const Expr& expr);
    Result<TruthPtr> compile_near(const Expr& expr);
    Result<TruthPtr> compile_at(const Expr& expr);
    Result<TruthPtr> compile_taken_between(const Expr& expr);
    Result<RunNodes> compile_run(const Expr& expr);
    Result<QuantityPtr> compile_quantity(const Expr& expr, const Type& wanted);
    Result<QuantityPtr> compile_quantity_call(const Expr& expr, const Type& wanted);
    Result<QuantityPtr> compile_product(const Expr& expr, const Type& wanted);
    Result<QuantityPtr> compile_latest(const Expr& expr);
    Result<QuantityPtr> compile_window_dose(const Expr& expr);
    Result<QuantityPtr> compile_count(const Expr& expr);
    Result<QuantityPtr> compile_change(const Expr& expr);
    Result<QuantityPtr> compile_trend(const Expr& expr);
    Result<Type> type_of_call(const Expr& expr);
    Result<Rational> difference_value(const Expr& expr, const Rational& number, const config::Analyte& analyte,
                                      const std::string& unit) const;
    /// A literal in the unit in which `wanted` is computed.
    Result<Rational> literal_value(const Expr& expr, const Type& wanted);
    Result<QuantityPtr> compile_literal(const Expr& expr, const Type& wanted);
    Result<DatePtr> compile_date(const Expr& expr);
    Result<EventsPtr> compile_events(const Expr& expr);
    Result<EventsPtr> compile_maker(const Expr& expr);
    /// A set of nothing but names of codes, drugs and groups.
    [[nodiscard]] bool is_all_names(const Expr& expr) const;
    Result<EventsPtr> compile_result(const Expr& expr);
    Result<EventsPtr> compile_given(const Expr& expr);
    Result<EventsPtr> compile_course(const Expr& expr);
    /// Started, stopped, dose_change: makers over an exposure.
    Result<EventsPtr> compile_exposure_events(const Expr& expr);
    /// The index of the exposure that the first argument names.
    Result<std::size_t> exposure_argument(const Expr& expr);
    Result<std::optional<model::Route>> route_argument(const Expr& expr);
    Result<std::pair<Span, Span>> range_argument(const Expr& expr, std::string_view name);
    Result<std::size_t> results_argument(const Expr& expr, std::size_t otherwise);
    /// The series of `of:`, or else of the first argument.
    Result<model::CodeId> series_argument(const Expr& expr);
    Result<WindowNodes> compile_window(const Expr& expr);
    /// What every question about events begins with: which events, in which window, of which kind.
    struct EventQuestion {
        EventsPtr events;
        WindowNodes window;
        TruthPtr where;
    };
    Result<EventQuestion> compile_event_question(const Expr& expr);
    Result<TruthPtr> compile_where(const Expr& expr, const model::CodeId& analyte);
    Result<Span> compile_span(const Expr& expr);
    /// The named argument; nothing where it is not given.
    Result<std::optional<Span>> span_argument(const Expr& expr, std::string_view name);
    Result<TruthPtr> where_argument(const Expr& expr, const model::CodeId& analyte);
    Result<model::Dose> compile_dose(const Expr& expr);
    Result<std::int64_t> compile_whole(const Expr& expr);
    Result<Rational> compile_number(const Expr& expr);
    Result<CodeSet> compile_codes(const Expr& expr);
    Result<void> add_code(const std::string& name, const Expr& expr, CodeSet& out, std::set<std::string>& open_groups);
    Result<ExposureSet> compile_exposure(const Expr& expr);
    Result<void> add_exposure(const std::string& name, const Expr& expr, ExposureSet& out);
    Result<model::CodeId> series_of(const Expr& expr);
    void find_series(const Expr& written, std::set<model::CodeId>& out) const;
    [[nodiscard]] bool names_anchor(const Expr& expr) const;
    [[nodiscard]] const Expr* strange_name(const Expr& expr) const;
    void warn(const Expr& expr, const std::string& message) {
        warnings_.push_back(to_text(expr.place) + ": " + message);
    }
    /// Warns of what is legal and probably wrong.
    void warn_of_absence(const Expr& negated);
    /// What a quantity or date asks for that may not be there.
    [[nodiscard]] std::optional<std::string> may_be_absent(const Expr& expr) const;
    void warn_of_older_facts(const Expr& expr);

    /// The threshold of this name, where the monitor has one.
    [[nodiscard]] const Threshold* threshold(const std::string& name) const;
    [[nodiscard]] std::string title_of(const std::string& name) const;
    [[nodiscard]] std::string title_of(const Expr& expr) const;
    [[nodiscard]] const Expr* argument(const Expr& expr, std::string_view name) const;
    Result<void> check_arguments(const Expr& expr, std::size_t positional) const;
    [[nodiscard]] std::unexpected<model::Error> problem(const Expr& expr, const std::string& message) const;
    [[nodiscard]] std::unexpected<model::Error> unknown_name(const Expr& expr, const std::string& name,
                                                             const std::string& wanted) const;
    [[nodiscard]] std::unexpected<model::Error> asked_of_a_sample(const Expr& expr) const;
    [[nodiscard]] std::vector<std::string> known_names() const;
    /// What a name is, for a message: "an analyte"; empty where it is nothing but perhaps a let or a threshold.
    [[nodiscard]] std::string kind_of(const std::string& name) const;
    [[nodiscard]] std::unexpected<model::Error> no_word(const Expr& expr) const;
    [[nodiscard]] std::string text_of(const Type& type) const;
    /// Whether a quantity that is asked for has the dimension in which it is wanted.
    Result<void> check_dimension(const Expr& expr, const Type& wanted);
    void reads_analyte(const model::CodeId& analyte);

    const config::Vocabulary& vocabulary_;
    const Common& common_;
    const std::vector<Definition>& monitors_;
    ExposureSets& exposures_;
    const Definition* definition_ = nullptr;
    Reads reads_;
    std::vector<std::string> warnings_;
    bool is_harder_ = false; ///< In `clears`, under an even number of `not`.
    bool is_clears_ = false;
    std::optional<model::CodeId> sample_;   ///< Inside a sample's condition: its analyte.
    std::set<model::CodeId> readable_open_; ///< Readable rules being read: for their own reads.
    mutable int depth_ = 0;                 ///< Of lets within lets.
};

} // namespace bonewatch::monitors
