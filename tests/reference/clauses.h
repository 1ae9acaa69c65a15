#pragma once

#include "tests/reference/catalogue.h"
#include "tests/reference/truth.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace bonewatch::reference {

struct Look;

/// How often something was true, false and unknown.
struct Answers {
    std::int64_t yes = 0, no = 0, unknown = 0;

    void add(Truth answer) { ++(answer == Truth::yes ? yes : answer == Truth::no ? no : unknown); }
    Answers& operator+=(const Answers& other);
};

/// By monitor, part and source text: `tsh-low clears: sustained(tsh >= thr, results: 2)`.
using ClauseAnswers = std::map<std::string, Answers>;

/// Asks every clause of a catalogue's monitors, and counts what they answer. A clause is what `and`, `or`, `not`,
/// `if`, `otherwise` and `at_least` join, and by which they are joined is not asked: each is asked every time. What is
/// decided at load (`mode is fixed`) is none. The catalogue must outlive it.
class ClauseTally {
  public:
    explicit ClauseTally(const Catalogue& catalogue);

    /// All clauses of one monitor, as they are before its step; `_common` with the catalogue's first one.
    void ask(const Look& look, const Monitor& monitor);
    [[nodiscard]] ClauseAnswers answers() const;

  private:
    struct Clause {
        std::string name;
        ExprPtr expr;
        bool is_clearing, is_negated;
        Answers answers;
    };
    using Clauses = std::vector<Clause>;
    static void ask(const Look& look, Clauses& clauses);
    static void add(Clauses& clauses, const std::string& part, const ExprPtr& expr, bool is_negated = false);
    static void add(Clauses& clauses, const std::string& part, const std::vector<Row>& rows);

    std::string first_;
    Clauses common_;
    std::map<std::string, Clauses> by_monitor_;
};

} // namespace bonewatch::reference
