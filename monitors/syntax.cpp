#include "monitors/syntax.h"

#include "config/nearest.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>

namespace bonewatch::monitors {

namespace {

using model::ErrorKind;
using model::fail;
using model::Result;

struct Token {
    enum class Kind : unsigned char { quantity, clock, name, sign, end };
    Kind kind = Kind::end;
    std::string text;
    std::string unit;
    std::size_t begin = 0;
    std::size_t end = 0;
};

bool is_letter(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0;
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_name_char(char c) {
    return is_letter(c) || is_digit(c) || c == '_';
}

const std::set<std::string, std::less<>> reserved{"to", "and", "or", "else", "then", "otherwise", "is", "not", "if"};

/// The place of a character of a text that may have several lines.
Place place_at(std::string_view text, Place start, std::size_t at) {
    const std::string_view before = text.substr(0, at);
    const auto line_end = before.rfind('\n');
    if (line_end == std::string_view::npos) {
        start.column += static_cast<unsigned>(at);
        return start;
    }
    start.line += static_cast<unsigned>(std::ranges::count(before, '\n'));
    start.column = static_cast<unsigned>(at - line_end);
    return start;
}

/// Splits the text into tokens. A quantity takes the unit that follows it, unless that is a reserved word.
class Lexer {
  public:
    Lexer(std::string_view text, const Place& start) : text_(text), start_(start) {}

    Result<std::vector<Token>> tokens() {
        std::vector<Token> out;
        for (;;) {
            while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])))
                ++at_;
            if (at_ == text_.size())
                break;
            auto token = next(out);
            if (!token)
                return std::unexpected(token.error());
            out.push_back(*token);
        }
        out.push_back({Token::Kind::end, "the end", "", text_.size(), text_.size()});
        return out;
    }

  private:
    Result<Token> next(const std::vector<Token>& before) {
        const std::size_t begin = at_;
        const char c = text_[at_];
        if (is_digit(c) && at_ + 4 < text_.size() + 0 && is_clock())
            return take(Token::Kind::clock, begin, begin + 5);
        if (is_digit(c) && text_.substr(at_ + 1, 1) == ":")
            return unexpected(begin, "a time of day has two digits for its hour, as 08:00");
        if (is_digit(c) || (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]) && starts_operand(before)))
            return quantity(begin);
        if (is_letter(c))
            return take(Token::Kind::name, begin, name_end(begin));
        for (const auto& [foreign, ours] : {std::pair<std::string_view, std::string_view>{"==", "="},
                                            {"&", "and"},
                                            {"|", "or"},
                                            {"<>", "!="},
                                            {"=>", ">="},
                                            {"=<", "<="}})
            if (text_.substr(at_).starts_with(foreign))
                return unexpected(begin, "unexpected '" + std::string(foreign) + "'; did you mean '" +
                                             std::string(ours) + "'?");
        for (const std::string_view sign :
             {">=", "<=", "!=", "<", ">", "=", "+", "-", "*", "/", "(", ")", "{", "}", ",", ":"})
            if (text_.substr(at_).starts_with(sign))
                return take(Token::Kind::sign, begin, begin + sign.size());
        return unexpected(begin, "unexpected '" + std::string(1, c) + "'");
    }

    std::unexpected<model::Error> unexpected(std::size_t at, const std::string& message) const {
        return fail(ErrorKind::config, "syntax", message, to_text(place_at(text_, start_, at)));
    }

    bool is_clock() const {
        return at_ + 5 <= text_.size() && is_digit(text_[at_ + 1]) && text_[at_ + 2] == ':' &&
               is_digit(text_[at_ + 3]) && is_digit(text_[at_ + 4]);
    }

    /// A minus directly before a digit is a sign where an operand is due (`-2.5`), else the operator.
    static bool starts_operand(const std::vector<Token>& before) {
        if (before.empty())
            return true;
        const Token& last = before.back();
        if (last.kind == Token::Kind::name)
            return reserved.contains(last.text);
        return last.kind == Token::Kind::sign && last.text != ")" && last.text != "}";
    }

    std::size_t name_end(std::size_t begin) const {
        std::size_t end = begin;
        while (end < text_.size() && (is_name_char(text_[end]) || (text_[end] == '-' && end + 1 < text_.size() &&
                                                                   is_name_char(text_[end + 1]) && end > begin)))
            ++end;
        return end;
    }

    Token quantity(std::size_t begin) {
        std::size_t end = begin + 1;
        while (end < text_.size() &&
               (is_digit(text_[end]) || (text_[end] == '.' && end + 1 < text_.size() && is_digit(text_[end + 1]))))
            ++end;
        Token token = take(Token::Kind::quantity, begin, end);
        std::size_t unit = end;
        while (unit < text_.size() && text_[unit] == ' ')
            ++unit;
        std::size_t unit_end = unit;
        if (unit < text_.size() && text_[unit] == '%')
            unit_end = unit + 1;
        else if (unit < text_.size() && (is_letter(text_[unit]) || text_[unit] == '['))
            while (unit_end < text_.size() && is_unit_char(unit_end))
                ++unit_end;
        const std::string_view word = text_.substr(unit, unit_end - unit);
        if (!word.empty() && !reserved.contains(word)) {
            token.unit = word;
            token.end = at_ = unit_end;
        }
        return token;
    }

    bool is_unit_char(std::size_t at) const {
        const char c = text_[at];
        return is_name_char(c) || c == '[' || c == ']' || c == '.' ||
               (c == '/' && at + 1 < text_.size() && text_[at + 1] != ' ') || c == '{' ||
               (c == '}' && at > 0 && text_.substr(0, at).rfind('{') != std::string_view::npos &&
                text_.substr(0, at).rfind('{') > text_.substr(0, at).find_last_of(' ') + 1);
    }

    Token take(Token::Kind kind, std::size_t begin, std::size_t end) {
        at_ = end;
        return {kind, std::string(text_.substr(begin, end - begin)), "", begin, end};
    }

    std::string_view text_;
    Place start_;
    std::size_t at_ = 0;
};

/// Recursive descent; each function reads one level of precedence.
class Parser {
  public:
    Parser(std::string_view text, std::vector<Token> tokens, const Place& start)
        : text_(text), tokens_(std::move(tokens)), start_(start) {}

    Result<Expr> whole() {
        auto expr = expression();
        if (expr && peek().kind != Token::Kind::end)
            return unexpected("an operator, or the end");
        return expr;
    }

  private:
    Result<Expr> expression() {
        if (++depth_ > depth_max)
            return unexpected("at most 64 nested parts");
        const std::size_t begin = peek().begin;
        Result<Expr> out = is("if") ? conditional(begin) : otherwise(begin);
        --depth_;
        return out;
    }

    Result<Expr> conditional(std::size_t begin) {
        advance();
        Expr node = make(Expr::Kind::if_, "if", begin);
        for (const std::string_view word : {"then", "else", ""}) {
            auto part = expression();
            if (!part)
                return part;
            node.children.push_back(std::move(*part));
            if (!word.empty() && !accept(word))
                return unexpected("'" + std::string(word) + "'");
        }
        return finish(std::move(node), begin);
    }

    Result<Expr> otherwise(std::size_t begin) {
        auto left = disjunction();
        while (left && accept("otherwise")) {
            auto right = disjunction();
            if (!right)
                return right;
            left = pair(Expr::Kind::otherwise, "otherwise", std::move(*left), std::move(*right), begin);
        }
        return left;
    }

    Result<Expr> disjunction() { return chain("or", Expr::Kind::or_, &Parser::conjunction); }
    Result<Expr> conjunction() { return chain("and", Expr::Kind::and_, &Parser::negation); }

    Result<Expr> chain(std::string_view word, Expr::Kind kind, Result<Expr> (Parser::*part)()) {
        const std::size_t begin = peek().begin;
        auto first = (this->*part)();
        if (!first || !is(word))
            return first;
        Expr node = make(kind, std::string(word), begin);
        node.children.push_back(std::move(*first));
        while (accept(word)) {
            auto more = (this->*part)();
            if (!more)
                return more;
            node.children.push_back(std::move(*more));
        }
        return finish(std::move(node), begin);
    }

    Result<Expr> negation() {
        const std::size_t begin = peek().begin;
        if (!accept("not"))
            return comparison();
        if (++depth_ > depth_max)
            return unexpected("at most 64 nested parts");
        auto operand = negation();
        --depth_;
        if (!operand)
            return operand;
        Expr node = make(Expr::Kind::not_, "not", begin);
        node.children.push_back(std::move(*operand));
        return finish(std::move(node), begin);
    }

    Result<Expr> comparison() {
        const std::size_t begin = peek().begin;
        auto left = sum();
        if (!left)
            return left;
        if (accept("is")) {
            if (peek().kind != Token::Kind::name)
                return unexpected("a choice, as in 'sex is female'");
            Expr node = make(Expr::Kind::is, advance().text, begin);
            node.children.push_back(std::move(*left));
            return finish(std::move(node), begin);
        }
        static const std::array<std::string_view, 6> operators{"<", "<=", ">", ">=", "=", "!="};
        for (const auto op : operators)
            if (peek().kind == Token::Kind::sign && peek().text == op) {
                advance();
                auto right = sum();
                if (!right)
                    return right;
                return pair(Expr::Kind::compare, std::string(op), std::move(*left), std::move(*right), begin);
            }
        return left;
    }

    Result<Expr> sum() { return arithmetic({"+", "-"}, Expr::Kind::sum, &Parser::product); }
    Result<Expr> product() { return arithmetic({"*", "/"}, Expr::Kind::product, &Parser::atom); }

    Result<Expr> arithmetic(std::array<std::string_view, 2> signs, Expr::Kind kind, Result<Expr> (Parser::*part)()) {
        const std::size_t begin = peek().begin;
        auto left = (this->*part)();
        while (left && peek().kind == Token::Kind::sign && (peek().text == signs[0] || peek().text == signs[1])) {
            const std::string sign = advance().text;
            auto right = (this->*part)();
            if (!right)
                return right;
            left = pair(kind, sign, std::move(*left), std::move(*right), begin);
        }
        return left;
    }

    Result<Expr> atom() {
        const std::size_t begin = peek().begin;
        if (peek().kind == Token::Kind::quantity)
            return quantity(begin);
        if (peek().kind == Token::Kind::clock)
            return finish(make(Expr::Kind::clock, advance().text, begin), begin);
        if (accept_sign("("))
            return bracketed();
        if (accept_sign("{"))
            return set(begin);
        if (peek().kind != Token::Kind::name || reserved.contains(peek().text))
            return unexpected("a name, a number or '('");
        const std::string name = advance().text;
        if (!accept_sign("("))
            return finish(make(Expr::Kind::name, name, begin), begin);
        return call(name, begin);
    }

    Result<Expr> quantity(std::size_t begin) {
        const Token token = advance();
        Expr node = make(Expr::Kind::quantity, token.text, begin);
        node.unit = token.unit;
        node = finish(std::move(node), begin);
        if (!accept("to"))
            return node;
        if (peek().kind != Token::Kind::quantity)
            return unexpected("a quantity after 'to'");
        const std::size_t second_begin = peek().begin;
        const Token second = advance();
        Expr to = make(Expr::Kind::quantity, second.text, second_begin);
        to.unit = second.unit;
        return pair(Expr::Kind::range, "to", std::move(node), finish(std::move(to), second_begin), begin);
    }

    Result<Expr> bracketed() {
        auto inner = expression();
        if (inner && !accept_sign(")"))
            return unexpected("')'");
        return inner;
    }

    Result<Expr> set(std::size_t begin) {
        Expr node = make(Expr::Kind::set, "{}", begin);
        do {
            auto member = atom();
            if (!member)
                return member;
            node.children.push_back(std::move(*member));
        } while (accept_sign(","));
        if (!accept_sign("}"))
            return unexpected("',' or '}'");
        return finish(std::move(node), begin);
    }

    Result<Expr> call(const std::string& name, std::size_t begin) {
        Expr node = make(Expr::Kind::call, name, begin);
        if (accept_sign(")"))
            return finish(std::move(node), begin);
        do {
            std::string label;
            if (peek().kind == Token::Kind::name && tokens_[at_ + 1].text == ":") {
                label = advance().text;
                advance();
            }
            auto value = expression();
            if (!value)
                return value;
            if (label.empty())
                node.children.push_back(std::move(*value));
            else
                node.named.emplace_back(label, std::move(*value));
        } while (accept_sign(","));
        if (!accept_sign(")"))
            return unexpected("',' or ')'");
        return finish(std::move(node), begin);
    }

    Expr make(Expr::Kind kind, std::string text, std::size_t begin) const {
        return {kind, std::move(text), {}, {}, {}, place_at(text_, start_, begin), {}};
    }

    Expr finish(Expr node, std::size_t begin) const {
        node.source = text_.substr(begin, tokens_[at_ - 1].end - begin);
        return node;
    }

    Expr pair(Expr::Kind kind, std::string text, Expr left, Expr right, std::size_t begin) const {
        Expr node = make(kind, std::move(text), begin);
        node.children.push_back(std::move(left));
        node.children.push_back(std::move(right));
        return finish(std::move(node), begin);
    }

    const Token& peek() const { return tokens_[at_]; }
    Token advance() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
    bool is(std::string_view word) const { return peek().kind == Token::Kind::name && peek().text == word; }
    bool accept(std::string_view word) {
        if (!is(word))
            return false;
        advance();
        return true;
    }
    bool accept_sign(std::string_view sign) {
        if (peek().kind != Token::Kind::sign || peek().text != sign)
            return false;
        advance();
        return true;
    }

    std::unexpected<model::Error> unexpected(const std::string& wanted) const {
        static const std::vector<std::string> words(reserved.begin(), reserved.end());
        const bool is_name = peek().kind == Token::Kind::name;
        return fail(ErrorKind::config, "syntax",
                    "expected " + wanted + ", found '" + peek().text + "'" +
                        (is_name ? config::did_you_mean(peek().text, words) : ""),
                    to_text(place_at(text_, start_, peek().begin)));
    }

    static constexpr int depth_max = 64;
    std::string_view text_;
    std::vector<Token> tokens_;
    Place start_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

} // namespace

std::string to_text(const Place& place) {
    return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

Result<Expr> parse(std::string_view text, const Place& start) {
    auto tokens = Lexer(text, start).tokens();
    if (!tokens)
        return std::unexpected(tokens.error());
    return Parser(text, std::move(*tokens), start).whole();
}

} // namespace bonewatch::monitors
