#pragma once

#include "monitors/compile.h"

#include <expected>
#include <memory>
#include <unordered_map>
#include <vector>

namespace bonewatch::monitors {

/// A level or a tag, and when it applies; without a condition always.
struct CompiledRow {
    std::string name;
    Severity level = Severity::info;
    TruthPtr when;
};

/// One monitor, compiled.
struct Monitor {
    model::MonitorId id;
    std::string title, advice, source;
    std::vector<Threshold> thresholds;
    bool is_enabled = true;
    Span fresh; ///< Older supporting results are not news.
    TruthPtr when;
    TruthPtr unless;         ///< The monitor's own or the common one; may be absent.
    TruthPtr clears;         ///< Absent: `when` is false.
    std::string clears_text; ///< The expression, thresholds by their values.
    std::string ends;        ///< The same as a sentence for people; where the file has none, the expression.
    std::vector<CompiledRow> severity, cap, tags;
    Reads reads;
    Reads asks;                          ///< What `when` alone reads.
    std::vector<std::size_t> dependents; ///< Monitors that ask whether this one is open.
};

/// All monitors of one revision, with what they share. Immutable; any thread may evaluate with it.
class Catalogue {
  public:
    /// Reads, checks and compiles `monitors/*.toml`. Every problem is reported with file, line and column; a cycle of
    /// `open` is printed. `vocabulary` must outlive the catalogue.
    [[nodiscard]] static std::expected<std::unique_ptr<Catalogue>, std::vector<model::Error>>
    load(const config::Files& files, const config::Vocabulary& vocabulary, const ThresholdSettings& settings = {});

    [[nodiscard]] const std::vector<Monitor>& monitors() const { return monitors_; }
    /// Indices of the monitors in an order in which `open` only looks back.
    [[nodiscard]] const std::vector<std::size_t>& order() const { return order_; }
    [[nodiscard]] std::optional<std::size_t> find(const model::MonitorId& id) const;
    /// The monitors that a fact of this code can change, sorted.
    [[nodiscard]] const std::vector<std::size_t>& woken_by(const CodeId& code) const;

    /// The monitors whose `when`, or that of a monitor it asks about, looks at facts of this code; sorted.
    [[nodiscard]] const std::vector<std::size_t>& asked_of(const CodeId& code) const;
    /// Whether facts of this code are among what is read.
    [[nodiscard]] bool concerns(const Reads& reads, const CodeId& code) const;

    [[nodiscard]] const std::vector<ExposureSet>& exposure_sets() const { return exposures_.sets; }
    /// Of each set the exposure of somebody who takes nothing.
    [[nodiscard]] const std::vector<std::shared_ptr<const Exposure>>& no_exposures() const { return no_exposures_; }
    [[nodiscard]] const std::map<CodeId, TruthPtr>& readable() const { return readable_; }
    [[nodiscard]] const config::Vocabulary& vocabulary() const { return *vocabulary_; }
    [[nodiscard]] const Definitions& definitions() const { return definitions_; }
    /// What is legal but probably wrong, each with its place.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  private:
    Catalogue() = default;
    model::Result<Monitor> compile(Compiler& compiler, const Definition& definition,
                                   std::vector<model::Error>& problems);
    model::Result<void> sort_by_dependence();
    void index_codes();

    Definitions definitions_;
    const config::Vocabulary* vocabulary_ = nullptr;
    ExposureSets exposures_;
    std::vector<std::shared_ptr<const Exposure>> no_exposures_;
    std::map<CodeId, TruthPtr> readable_;
    std::map<CodeId, Reads> readable_reads_;
    std::vector<Monitor> monitors_;
    std::vector<std::size_t> order_;
    std::vector<std::string> warnings_;
    std::map<CodeId, std::vector<std::size_t>> woken_;
    std::map<CodeId, std::vector<std::size_t>> asked_;
};

} // namespace bonewatch::monitors
