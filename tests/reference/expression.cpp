#include "tests/reference/expression.h"

#include <array>
#include <cctype>
#include <optional>

namespace bonewatch::reference {

namespace {

bool is_letter(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0;
}
bool is_digit(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}
bool is_name_char(char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '-';
}

bool is_keyword(std::string_view word) {
    constexpr std::array<std::string_view, 9> keywords{"to",   "or",        "and", "not", "then",
                                                       "else", "otherwise", "is",  "if"};
    for (const std::string_view keyword : keywords)
        if (word == keyword)
            return true;
    return false;
}

ExprPtr made(Kind kind, std::vector<ExprPtr> parts, std::string text = {}) {
    Expr out;
    out.kind = kind;
    out.parts = std::move(parts);
    out.text = std::move(text);
    return std::make_shared<Expr>(std::move(out));
}

class Parser {
  public:
    Parser(std::string_view text, const std::string& place) : text_(text), place_(place) {}

    ExprPtr whole() {
        ExprPtr out = expression();
        skip();
        if (at_ < text_.size())
            fail("an operator or the end");
        return out;
    }

  private:
    [[noreturn]] void fail(const std::string& expected) {
        throw Unreadable(place_ + ": expected " + expected + " at '" + std::string(text_.substr(at_)) + "' in '" +
                         std::string(text_) + "'");
    }
    void skip() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0)
            ++at_;
    }
    [[nodiscard]] char peek(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    bool take(std::string_view mark) {
        skip();
        if (!text_.substr(at_).starts_with(mark))
            return false;
        at_ += mark.size();
        return true;
    }
    void need(std::string_view mark) {
        if (!take(mark))
            fail("'" + std::string(mark) + "'");
    }
    std::string_view word_here() {
        skip();
        std::size_t end = at_;
        if (end < text_.size() && is_letter(text_[end]))
            while (end < text_.size() && is_name_char(text_[end]))
                ++end;
        return text_.substr(at_, end - at_);
    }
    bool take_word(std::string_view word) {
        if (word_here() != word)
            return false;
        at_ += word.size();
        return true;
    }
    void need_word(std::string_view word) {
        if (!take_word(word))
            fail("'" + std::string(word) + "'");
    }
    std::string name() {
        const std::string_view word = word_here();
        if (word.empty() || is_keyword(word))
            fail("a name");
        at_ += word.size();
        return std::string(word);
    }

    ExprPtr expression() {
        if (!take_word("if"))
            return joined(Kind::otherwise, "otherwise", &Parser::disjunction);
        ExprPtr condition = expression();
        need_word("then");
        ExprPtr yes = expression();
        need_word("else");
        return made(Kind::choice, {condition, yes, expression()});
    }
    ExprPtr joined(Kind kind, std::string_view word, ExprPtr (Parser::*operand)()) {
        ExprPtr left = (this->*operand)();
        while (take_word(word))
            left = made(kind, {left, (this->*operand)()});
        return left;
    }
    ExprPtr disjunction() { return joined(Kind::any, "or", &Parser::conjunction); }
    ExprPtr conjunction() { return joined(Kind::all, "and", &Parser::negation); }
    ExprPtr negation() { return take_word("not") ? made(Kind::negation, {negation()}) : with_source(); }
    ExprPtr with_source() {
        skip();
        const std::size_t from = at_;
        const ExprPtr found = comparison();
        if (!found->source.empty()) // In brackets: it has its own.
            return found;
        Expr out = *found;
        out.source = text_.substr(from, at_ - from);
        out.source.resize(out.source.find_last_not_of(' ') + 1);
        return std::make_shared<Expr>(std::move(out));
    }
    ExprPtr comparison() {
        ExprPtr left = sum();
        if (take_word("is"))
            return made(Kind::is, {left}, name());
        for (const char* mark : {"<=", ">=", "!=", "<", ">", "="})
            if (take(mark))
                return made(Kind::compare, {left, sum()}, mark);
        return left;
    }
    ExprPtr sum() {
        ExprPtr left = product();
        while (true) {
            if (take("+"))
                left = made(Kind::plus, {left, product()});
            else if (take("-"))
                left = made(Kind::minus, {left, product()});
            else
                return left;
        }
    }
    ExprPtr product() {
        ExprPtr left = atom();
        while (true) {
            if (take("*"))
                left = made(Kind::times, {left, atom()});
            else if (take("/"))
                left = made(Kind::divide, {left, atom()});
            else
                return left;
        }
    }
    ExprPtr atom() {
        skip();
        if (take("(")) {
            ExprPtr inner = expression();
            need(")");
            return inner;
        }
        if (take("{")) {
            std::vector<ExprPtr> members{atom()};
            while (take(","))
                members.push_back(atom());
            need("}");
            return made(Kind::set, std::move(members));
        }
        if (is_digit(peek()) || (peek() == '-' && is_digit(peek(1))))
            return number_or_clock();
        return name_or_call();
    }
    ExprPtr name_or_call() {
        Expr out;
        out.kind = Kind::name;
        out.text = name();
        if (take("(")) {
            out.kind = Kind::call;
            if (!take(")")) {
                do
                    out.arguments.push_back(argument());
                while (take(","));
                need(")");
            }
        }
        return std::make_shared<Expr>(std::move(out));
    }
    Argument argument() {
        const std::size_t before = at_;
        if (const std::string word(word_here()); !word.empty()) { // `to` among them
            at_ += word.size();
            if (take(":"))
                return {word, expression()};
            at_ = before;
        }
        return {"", expression()};
    }
    ExprPtr number_or_clock() {
        if (is_digit(peek()) && is_digit(peek(1)) && peek(2) == ':') {
            Expr out;
            out.kind = Kind::clock;
            out.clock = std::chrono::hours(two_digits(0)) + std::chrono::minutes(two_digits(3));
            at_ += 5;
            return std::make_shared<Expr>(std::move(out));
        }
        ExprPtr low = number();
        return take_word("to") ? made(Kind::range, {low, number()}) : low;
    }
    [[nodiscard]] int two_digits(std::size_t ahead) {
        if (!is_digit(peek(ahead)) || !is_digit(peek(ahead + 1)))
            fail("hh:mm");
        return (peek(ahead) - '0') * 10 + (peek(ahead + 1) - '0');
    }
    ExprPtr number() {
        skip();
        const std::size_t from = at_;
        if (peek() == '-')
            ++at_;
        while (is_digit(peek()) || (peek() == '.' && is_digit(peek(1))))
            ++at_;
        const auto value = model::parse_decimal(text_.substr(from, at_ - from));
        if (!value)
            fail("a number");
        Expr out;
        out.kind = Kind::number;
        out.number = *value;
        out.text = unit();
        return std::make_shared<Expr>(std::move(out));
    }
    std::string unit() {
        const std::size_t before = at_;
        skip();
        const std::size_t from = at_;
        if (!is_letter(peek()) && peek() != '%' && peek() != '{' && peek() != '[') {
            at_ = before;
            return {};
        }
        for (bool in_braces = false; at_ < text_.size(); ++at_) {
            const char c = peek();
            if (c == '{')
                in_braces = true;
            else if (c == '}' && in_braces)
                in_braces = false;
            else if (!is_name_char(c) && std::string_view("/%.*^[]").find(c) == std::string_view::npos)
                break;
        }
        const std::string_view found = text_.substr(from, at_ - from);
        if (is_keyword(found)) {
            at_ = before;
            return {};
        }
        return std::string(found);
    }

    std::string_view text_;
    const std::string& place_;
    std::size_t at_ = 0;
};

} // namespace

ExprPtr Expr::argument(std::size_t index) const {
    for (const Argument& one : arguments)
        if (one.name.empty() && index-- == 0)
            return one.value;
    return nullptr;
}

ExprPtr Expr::argument(std::string_view name) const {
    for (const Argument& one : arguments)
        if (!one.name.empty() && one.name == name)
            return one.value;
    return nullptr;
}

ExprPtr parse_expression(std::string_view text, const std::string& place) {
    return Parser(text, place).whole();
}

} // namespace bonewatch::reference
