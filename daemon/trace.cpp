#include "daemon/trace.h"

#include <algorithm>
#include <set>
#include <sstream>

namespace bonewatch::daemon {

namespace {

using monitors::Definition;

bool is_late(const std::string& events) {
    std::istringstream in(events);
    std::set<std::string> ids;
    for (std::string word; in >> word;) {
        if (word == "recorded" || word == "retract")
            return true;
        if (word.starts_with("id=") && !ids.insert(word).second)
            return true;
    }
    return false;
}

Kinds kinds_of(const Definition& monitor, MonitorTests& tests) {
    Kinds out;
    const auto take = [](std::string& kind, const Definition::Test& test) {
        if (kind.empty())
            kind = test.name;
    };
    for (const Definition::Test& test : monitor.tests) {
        if (test.expect.find("raised") != std::string::npos)
            take(out.opens, test);
        if (test.expect.find("resolved") != std::string::npos)
            take(out.clears, test);
        if (is_late(test.events))
            take(out.late, test);
        if (out.unknown.empty() && test.name.find("unknown") != std::string::npos &&
            tests.is_unknown_once(monitor.id, test))
            take(out.unknown, test);
    }
    return out;
}

/// Makes all changes and gathers what nobody notices.
class Tracer {
  public:
    Tracer(const Revision& revision, const monitors::Statements& statements)
        : revision_(revision), statements_(statements), changed_(revision), is_used_(statements.unnoticed.size()) {}

    Trace run() {
        const monitors::Definitions& all = revision_.catalogue->definitions();
        out_.problems = monitors::mismatches(statements_, all);
        std::vector<const Definition*> sorted;
        for (const Definition& definition : all.monitors)
            sorted.push_back(&definition);
        std::ranges::stable_sort(sorted, {}, &Definition::chapter);
        for (const Definition* definition : sorted)
            out_.monitors.push_back(traced(*definition));
        for (const monitors::AtomicClause& clause : monitors::atomic_clauses(all.common))
            out_.common.push_back(traced(clause, "_common", sorted));
        for (std::size_t i = 0; i < is_used_.size(); ++i)
            if (!is_used_[i])
                problem(statements_.unnoticed[i].place,
                        "'" + statements_.unnoticed[i].part + "' of " + statements_.unnoticed[i].monitor +
                            " is listed as unnoticed (" + statements_.unnoticed[i].change +
                            "), and is noticed or not there");
        return std::move(out_);
    }

  private:
    TracedMonitor traced(const Definition& monitor) {
        TracedMonitor out{&monitor, {}, {}, kinds_of(monitor, tests_)};
        for (const monitors::AtomicClause& clause : monitors::atomic_clauses(monitor))
            out.clauses.push_back(traced(clause, monitor.id.text, {&monitor}));
        for (const monitors::Threshold& threshold : monitor.thresholds) {
            TracedThreshold traced{threshold, {}};
            for (const SmallChange& change : changes_of(threshold))
                if (auto one = exercised(change, monitor.id.text, threshold.name, {&monitor}))
                    traced.changes.push_back(std::move(*one));
            out.thresholds.push_back(std::move(traced));
        }
        for (const auto& [kind, name] :
             {std::pair{"opens", &out.kinds.opens}, std::pair{"clears", &out.kinds.clears},
              std::pair{"has a late or corrected fact", &out.kinds.late}, std::pair{"is unknown", &out.kinds.unknown}})
            if (name->empty())
                problem(monitor.file, monitor.id.text + " has no timeline that " + kind);
        if (monitor.source.empty())
            problem(monitor.file, monitor.id.text + " has no source");
        return out;
    }

    TracedClause traced(const monitors::AtomicClause& clause, const std::string& monitor,
                        const std::vector<const Definition*>& judges) {
        TracedClause out{clause, {}};
        for (const SmallChange& change : changes_of(clause))
            if (auto one = exercised(change, monitor, clause.text, judges))
                out.changes.push_back(std::move(*one));
        return out;
    }

    /// Nothing where the change makes no monitor.
    std::optional<Exercised> exercised(const SmallChange& change, const std::string& monitor, const std::string& part,
                                       const std::vector<const Definition*>& judges) {
        Exercised out{change, std::nullopt};
        for (const Definition* judge : judges) {
            auto by = changed_.noticed_by(*judge, change);
            if (!by) {
                problem(to_text(change.place),
                        monitor + ": '" + part + "' cannot be changed to '" + change.to + "': " + by.error().message);
                return std::nullopt;
            }
            if (*by) {
                out.by = judges.size() > 1 ? judge->id.text + ": " + **by : **by;
                return out;
            }
        }
        if (!is_excepted(monitor, part, change.name))
            problem(to_text(change.place),
                    monitor + ": no timeline notices " +
                        (part == change.from ? "that '" + part + "' is always " + change.name
                                             : part + " = " + change.to + " instead of " + change.from));
        return out;
    }

    bool is_excepted(const std::string& monitor, const std::string& part, const std::string& change) {
        bool found = false;
        for (std::size_t i = 0; i < is_used_.size(); ++i) {
            const monitors::Unnoticed& one = statements_.unnoticed[i];
            if (one.monitor == monitor && one.part == part && one.change == change)
                is_used_[i] = found = true;
        }
        return found;
    }

    void problem(const std::string& place, const std::string& sentence) {
        out_.problems.push_back(place + ": " + sentence);
    }

    const Revision& revision_;
    const monitors::Statements& statements_;
    ChangedFiles changed_;
    MonitorTests tests_{revision_.files, revision_.settle};
    std::vector<bool> is_used_;
    Trace out_;
};

} // namespace

Trace trace(const Revision& revision, const monitors::Statements& statements) {
    return Tracer(revision, statements).run();
}

} // namespace bonewatch::daemon
