#include "monitors/clauses.h"

#include "store/model/ensure.h"

#include <algorithm>

namespace bonewatch::monitors {

namespace {

bool is_connective(const Expr& expr) {
    return expr.kind == Expr::Kind::and_ || expr.kind == Expr::Kind::or_ || expr.kind == Expr::Kind::not_;
}

bool is_call(const Expr& expr, std::string_view word) {
    return expr.kind == Expr::Kind::call && expr.text == word;
}

/// Walks the expressions of one key after another.
class Walk {
  public:
    explicit Walk(const std::map<std::string, Written>& lets) : lets_(lets) {}

    void key(const std::string& name, const Written& written) {
        key_ = name;
        truth(parsed(written));
    }

    void rows(const std::string& name, const std::vector<Row>& rows) {
        for (const Row& row : rows)
            if (row.when)
                key(name + " " + row.name, *row.when);
    }

    std::vector<AtomicClause> take() { return std::move(found_); }

  private:
    static Expr parsed(const Written& written) {
        auto expr = parse(written.text, written.place);
        ENSURE(expr.has_value(), "clauses are asked of monitors that compiled");
        return std::move(*expr);
    }

    /// Goes on with what a `let` writes; false where the name is none.
    bool follow(const Expr& name, void (Walk::*how)(const Expr&)) {
        const auto let = name.kind == Expr::Kind::name ? lets_.find(name.text) : lets_.end();
        if (let == lets_.end())
            return false;
        const std::string outer = std::exchange(let_, let->first);
        (this->*how)(parsed(let->second));
        let_ = outer;
        return true;
    }

    /// An expression that is asked whether it is true.
    void truth(const Expr& expr) {
        if (is_connective(expr) || expr.kind == Expr::Kind::if_ || expr.kind == Expr::Kind::otherwise) {
            for (const Expr& part : expr.children)
                truth(part);
        } else if (is_call(expr, "at_least")) {
            for (std::size_t i = 1; i < expr.children.size(); ++i)
                truth(expr.children[i].kind == Expr::Kind::product ? expr.children[i].children.back()
                                                                   : expr.children[i]);
        } else if (is_call(expr, "at") && expr.children.size() == 2) {
            inside(expr.children[0]);
            truth(expr.children[1]);
        } else if (expr.kind == Expr::Kind::name && (expr.text == "true" || expr.text == "false")) {
            return;
        } else if (!follow(expr, &Walk::truth)) {
            add(expr);
            parts(expr);
        }
    }

    /// An expression that gives a number, a date or events: only what it asks on the way is true or false.
    void inside(const Expr& expr) {
        if (expr.kind == Expr::Kind::if_) {
            truth(expr.children[0]);
            inside(expr.children[1]);
            inside(expr.children[2]);
        } else if (is_call(expr, "at") && expr.children.size() == 2) {
            inside(expr.children[0]);
            inside(expr.children[1]);
        } else if (!follow(expr, &Walk::inside)) {
            parts(expr);
        }
    }

    void parts(const Expr& expr) {
        const bool has_condition = is_call(expr, "result") || is_call(expr, "run") || is_call(expr, "sustained");
        for (const Expr& part : expr.children) {
            if (has_condition && &part == expr.children.data())
                truth(part);
            else
                inside(part);
        }
        for (const auto& [name, part] : expr.named) {
            if (name == "where")
                truth(part);
            else
                inside(part);
        }
    }

    void add(const Expr& expr) {
        const auto at = std::ranges::find_if(found_, [&](const AtomicClause& one) {
            return one.place.line == expr.place.line && one.place.column == expr.place.column;
        });
        if (at == found_.end())
            found_.push_back({{key_}, let_, expr.source, expr.place});
        else if (std::ranges::find(at->keys, key_) == at->keys.end())
            at->keys.push_back(key_);
    }

    const std::map<std::string, Written>& lets_;
    std::string key_, let_;
    std::vector<AtomicClause> found_;
};

} // namespace

std::vector<AtomicClause> atomic_clauses(const Definition& definition) {
    Walk walk(definition.lets);
    walk.key("when", definition.when);
    if (definition.unless)
        walk.key("unless", *definition.unless);
    if (definition.clears)
        walk.key("clears", *definition.clears);
    walk.rows("severity", definition.severity);
    walk.rows("tag", definition.tags);
    return walk.take();
}

std::vector<AtomicClause> atomic_clauses(const Common& common) {
    static const std::map<std::string, Written> no_lets;
    Walk walk(no_lets);
    if (common.unless)
        walk.key("unless", *common.unless);
    walk.rows("cap", common.cap);
    for (const auto& [analyte, rule] : common.readable)
        walk.key("readable " + analyte, rule);
    return walk.take();
}

} // namespace bonewatch::monitors
