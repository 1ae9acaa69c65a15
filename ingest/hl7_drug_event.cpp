#include "ingest/hl7_drug_event.h"

#include "ingest/hl7_order_control.h"
#include "ingest/hl7_origins.h"
#include "ingest/strength.h"

#include <algorithm>

namespace bonewatch::ingest {

namespace {

using model::Dose;
using model::Error;
using model::ErrorKind;
using model::Event;
using model::FactId;
using model::Result;

/// Of two versions of one time the one that takes back is the greater.
constexpr std::int64_t said_rank = 0, taken_back_rank = 1;

enum class DrugFact : unsigned char { order, dispense, administration };

DrugFact kind_of(const Hl7DrugOrder& order) {
    if (order.done == nullptr)
        return DrugFact::order;
    return order.done->is("RXD") ? DrugFact::dispense : DrugFact::administration;
}

/// Decodes one order, dispense or dose.
class DrugEvent {
  public:
    DrugEvent(const Hl7Context& context, const Hl7DrugOrder& order)
        : context_(context), order_(order), kind_(kind_of(order)), orders_(order_facts(order)) {
        if (kind_ != DrugFact::order)
            fact_ = done_fact(order);
        else if (!orders_.empty())
            fact_ = orders_.front().text;
    }

    Decoded decode() {
        auto control = hl7_control(orc_field(order_, 1).text(), orc_field(order_, 5).text());
        const Hl7DrugField field = drug_field(order_);
        auto product = field.segment == nullptr
                           ? Result<Product>(hl7_unusable(anchor_place(), "missing_medication",
                                                          "it does not say which drug it is about"))
                           : read_hl7_product(context_, field, warnings_);
        what_ = product && product->drug != nullptr ? product->drug->id.text
                : field.segment != nullptr          ? hl7_code_name((*field.segment)[field.code])
                                                    : "without a drug";
        if (is_deleted())
            return retraction(product && product->drug != nullptr);
        if (!product)
            return taken_back_of_nothing(control) ? not_taken("the order was cancelled", 1)
                                                  : refused(std::move(product.error()));
        if (product->drug == nullptr)
            return not_watched(field);
        product_ = *product;
        product_field_ = field;
        if (!control)
            return refused(hl7_unusable(orc_place(1), "status_unknown",
                                        "ORC-1 '" + orc_field(order_, 1).text().substr(0, 20) +
                                            "' does not say whether the order stands")
                               .error());
        return decode_known(*control);
    }

  private:
    Decoded decode_known(const Hl7ControlMeaning& control) {
        if (kind_ == DrugFact::administration && was_not_given())
            return not_taken("RXA-20 '" + (*order_.done)[20].text() + "' says that it was not given", 20);
        switch (control.control) {
        case Hl7Control::asks:
            return outcome(Error{ErrorKind::not_used, "request_only",
                                 "it asks for something, or tells that it cannot be done; the order is as it was",
                                 orc_place(1)});
        case Hl7Control::cancelled:
            return not_taken("the order was cancelled", 1);
        case Hl7Control::held:
            // What was handed over or given stays so.
            if (kind_ == DrugFact::order)
                return not_taken("the order stands still", 1);
            break;
        case Hl7Control::stopped:
            if (kind_ == DrugFact::order)
                return stop(control.is_request);
            break;
        case Hl7Control::counts:
            break;
        }
        auto event = read_event();
        if (!event)
            return refused(std::move(event.error()));
        Decoded decoded = outcome(std::move(*event));
        decoded.origins = std::move(origins_);
        return decoded;
    }

    /// RXA-21: the record is deleted.
    bool is_deleted() const { return kind_ == DrugFact::administration && (*order_.done)[21].is("D"); }
    bool was_not_given() const {
        const Hl7Text status = (*order_.done)[20];
        return status.is("NA") || status.is("RE");
    }
    /// A cancellation need not repeat what it cancels. Nobody knows whether that is watched.
    bool taken_back_of_nothing(const std::optional<Hl7ControlMeaning>& control) const {
        return control && control->control == Hl7Control::cancelled && !fact_.empty() &&
               drug_field(order_).segment == nullptr;
    }

    const Hl7Segment* anchor() const {
        for (const Hl7Segment* each : {order_.done, order_.rxe, order_.rxo, order_.orc})
            if (each != nullptr)
                return each;
        return nullptr;
    }
    std::string anchor_place() const { return hl7_place(context_, *anchor()); }
    std::string orc_place(std::size_t field) const {
        return order_.orc == nullptr ? anchor_place() : hl7_place(context_, *order_.orc, field);
    }

    /// ORC-9 says when it was said; of a dose that says no such time, RXA-22.
    model::Version version(std::int64_t rank) const {
        return hl7_version(context_, is_by_entry() ? (*order_.done)[22] : orc_field(order_, 9), rank);
    }
    bool is_by_entry() const { return kind_ == DrugFact::administration && !orc_field(order_, 9).has_value(); }
    const Hl7Segment* version_segment() const { return is_by_entry() ? order_.done : order_.orc; }
    std::size_t version_field() const { return is_by_entry() ? 22 : 9; }

    Decoded outcome(std::variant<Event, Error> content) {
        const std::string name(kind_ == DrugFact::order ? "order" : kind_ == DrugFact::dispense ? "dispense" : "dose");
        return hl7_outcome(
            context_,
            {order_.person->pid, order_.orc, order_.rxo, order_.rxe, order_.tq1.empty() ? nullptr : order_.tq1.front(),
             order_.done, order_.rxr.empty() ? nullptr : order_.rxr.front()},
            context_.message.type() + " " + name + " " + what_, std::move(content), std::move(warnings_));
    }

    Decoded refused(Error error) {
        Decoded decoded = outcome(std::move(error));
        hl7_overtake(context_, decoded, fact_, *order_.person, version(said_rank), Hl7Says::cannot_be_used);
        Warnings unheard;
        const auto amounts = read_hl7_amounts(context_, order_, unheard);
        hl7_mean(context_, decoded, *order_.person, product_.drug == nullptr ? model::CodeId() : product_.drug->id,
                 start(amounts.value_or(Hl7Amounts{})).text);
        return decoded;
    }

    /// It did not happen: that is remembered whoever has the fact.
    Decoded not_taken(std::string why, std::size_t field) {
        const bool is_of_done = kind_ == DrugFact::administration && field == 20;
        Decoded decoded = outcome(Error{ErrorKind::not_used, "not_taken", std::move(why),
                                        is_of_done ? hl7_place(context_, *order_.done, field) : orc_place(field)});
        hl7_overtake(context_, decoded, fact_, *order_.person, version(taken_back_rank), Hl7Says::not_so);
        return decoded;
    }

    Decoded not_watched(const Hl7DrugField& field) {
        Decoded decoded = outcome(
            Error{ErrorKind::not_used, "unknown_code", "its drug concerns nothing that is watched",
                  hl7_place(context_, *field.segment, field.code), hl7_code_as_sent((*field.segment)[field.code])});
        hl7_overtake(context_, decoded, fact_, *order_.person, version(said_rank), Hl7Says::not_so);
        keep_only_where_known(decoded);
        return decoded;
    }

    /// Of what nobody watches nothing is kept.
    static void keep_only_where_known(Decoded& decoded) {
        if (decoded.overtaking)
            decoded.overtaking->is_remembered = false;
    }

    Decoded retraction(bool is_watched) {
        const std::string why = "deleted";
        if (!is_watched) {
            Decoded decoded =
                outcome(Error{ErrorKind::not_used, why, "the dose is deleted, and nobody watches its drug",
                              hl7_place(context_, *order_.done, 21)});
            hl7_overtake(context_, decoded, fact_, *order_.person, version(taken_back_rank), Hl7Says::not_so);
            keep_only_where_known(decoded);
            return decoded;
        }
        auto event = bare_event(FactId(fact_ + "#" + why), taken_back_rank);
        if (!event)
            return outcome(std::move(event.error()));
        hl7_retract(context_, *event, FactId(fact_));
        explain_id();
        hl7_retraction_origins(context_, *order_.person, *event, version_segment(), version_field(), origins_);
        Decoded decoded = outcome(std::move(*event));
        decoded.origins = std::move(origins_);
        return decoded;
    }

    Result<Event> bare_event(const FactId& id, std::int64_t rank) const {
        if (!order_.person->named)
            return std::unexpected(order_.person->named.error());
        if (fact_.empty())
            return hl7_unusable(orc_place(3), "missing_id",
                                "ORC-2 and ORC-3 number the order, so that later versions of it are known; both are "
                                "missing");
        Event event;
        event.key = {context_.context.publisher.id, id};
        event.version = version(rank);
        event.patient = *order_.person->named;
        return event;
    }

    /// The order ended early: the drug is taken no longer.
    Decoded stop(bool is_request) {
        if (product_.drug->is_single_dose)
            return refused(hl7_unusable(orc_place(1), "missing_stop_date",
                                        "it was stopped: whether the dose was given is not known")
                               .error());
        // The order itself stands, up to the stop.
        const std::string order = fact_;
        if (!fact_.empty())
            fact_ = "stop/" + order.substr(order.find('/') + 1);
        auto event = read_stop(is_request);
        if (!event)
            return refused(std::move(event.error()));
        Decoded decoded = outcome(std::move(*event));
        decoded.origins = std::move(origins_);
        return decoded;
    }

    Result<Event> read_stop(bool is_request) {
        auto event = bare_event(FactId(fact_), said_rank);
        if (!event)
            return event;
        const std::size_t field = orc_field(order_, 15).has_value() ? 15 : 9;
        if (!orc_field(order_, field).has_value())
            return hl7_unusable(orc_place(15), "missing_stop_date", "it was stopped, and ORC does not say when");
        auto at = hl7_clinical_time(context_, orc_field(order_, field), orc_place(field), warnings_);
        if (!at)
            return std::unexpected(std::move(at.error()));
        auto route = read_order_route(context_, order_);
        if (!route)
            return std::unexpected(std::move(route.error()));
        event->at = *at;
        event->body = model::StopEvent{product_.drug->id, *route};
        if (*route)
            explain_route(**route);
        if (is_request)
            warnings_.emplace_back("stop_requested: ORC-1 asks for it; it is taken to be stopped");
        explain(*event, orc_place(field), orc_field(order_, field));
        return event;
    }

    /// Where and when it began, or was given.
    struct Start {
        std::string place;
        Hl7Text text;
    };
    Start start(const Hl7Amounts& amounts) const {
        if (order_.done != nullptr)
            return {hl7_place(context_, *order_.done, 3), (*order_.done)[3]};
        if (amounts.timing.start)
            return {amounts.timing.start_place, amounts.timing.start_text};
        if (orc_field(order_, 15).has_value())
            return {orc_place(15), orc_field(order_, 15)};
        if (order_.rxe != nullptr && (*order_.rxe)[32].has_value())
            return {hl7_place(context_, *order_.rxe, 32), (*order_.rxe)[32]};
        return {orc_place(9), orc_field(order_, 9)};
    }

    Result<Event> read_event() {
        auto event = bare_event(FactId(fact_), said_rank);
        if (!event)
            return event;
        Hl7Amounts amounts;
        if (kind_ != DrugFact::administration) {
            auto read = read_hl7_amounts(context_, order_, warnings_);
            if (!read)
                return std::unexpected(std::move(read.error()));
            amounts = std::move(*read);
        }
        const Start from = start(amounts);
        if (!from.text.has_value())
            return hl7_unusable(from.place, "missing_time",
                                "it does not say from when the drug was taken, or when it was given");
        auto at = hl7_clinical_time(context_, from.text, from.place, warnings_);
        if (!at)
            return std::unexpected(std::move(at.error()));
        event->at = *at;
        auto stated = read_order_route(context_, order_);
        if (!stated)
            return std::unexpected(std::move(stated.error()));
        const model::Route route = route_of(product_, *stated, warnings_);
        explain(*event, from.place, from.text);
        explain_route(route);
        std::vector<FactId> orders;
        if (kind_ != DrugFact::order)
            orders = orders_;
        std::ranges::sort(orders);
        if (!orders.empty())
            explain_orders();
        if (kind_ == DrugFact::administration || product_.drug->is_single_dose) {
            const bool is_given = kind_ == DrugFact::administration;
            if (!is_given)
                explain_whole_dose(amounts);
            event->attributes.emplace("form", is_given ? "administered" : "issue");
            event->body = model::AdministrationEvent{product_.drug->id, route,
                                                     is_given ? given_dose() : whole_dose(amounts), std::move(orders)};
            return event;
        }
        auto supply = read_hl7_supply(context_, amounts, product_, event->at, anchor_place(), origins_, warnings_);
        if (!supply)
            return std::unexpected(std::move(supply.error()));
        if (!supply->strength.empty())
            explain_strength();
        supply->route = route;
        supply->fulfils = std::move(orders);
        event->body = std::move(*supply);
        return event;
    }

    /// Of a whole issue: as the order says, else one item. Of several syringes each is a dose of its own.
    std::optional<Dose> whole_dose(const Hl7Amounts& amounts) const {
        if (amounts.dosage.single)
            return in_strength(*amounts.dosage.single, product_);
        return product_.name.item_dose ? storable(*product_.name.item_dose) : std::nullopt;
    }

    /// RXA-6 in units of RXA-7: mass, items of a known strength, or millilitres of one. 999 stands for not known.
    std::optional<Dose> given_dose() {
        const Hl7Segment& rxa = *order_.done;
        if (!rxa[6].has_value() || rxa[6].is("999"))
            return std::nullopt;
        if (const auto dose = hl7_dose(rxa[6], rxa[7])) {
            hl7_origin(context_, origins_, "dose", hl7_place(context_, rxa, 6), rxa[6], model::to_text(*dose));
            return in_strength(*dose, product_);
        }
        const auto volume = hl7_number(rxa[6]);
        const bool is_volume = is_same_word(rxa[7].component(1).text(), "mL");
        const Strength strength = read_strength(product_.name.strength);
        if (volume && is_volume && strength.amount && strength.per == StrengthPer::millilitre)
            if (const auto amount = model::Rational::checked_product(*volume, strength.amount->amount)) {
                hl7_origin(context_, origins_, "dose", hl7_place(context_, rxa, 6), rxa[6],
                           "its volume, of the strength " + product_.name.strength);
                return storable({*amount, strength.amount->unit});
            }
        warnings_.emplace_back("dose_unit_unknown: the dose is counted in what no strength is stated in");
        return std::nullopt;
    }

    /// The numbers of the order: each says which it is, and which orders it fulfils.
    void explain_numbers(const char* field, std::initializer_list<Hl7FieldChoice> choices, bool is_first_only) {
        const auto before = origins_.size();
        for (const Hl7FieldChoice& each : choices)
            if (each.segment != nullptr && (!is_first_only || origins_.size() == before))
                hl7_origin(context_, origins_, field, hl7_place(context_, *each.segment, each.field),
                           (*each.segment)[each.field]);
    }
    const Hl7Segment* dispense() const { return kind_ == DrugFact::dispense ? order_.done : nullptr; }
    void explain_id() {
        if (kind_ == DrugFact::order)
            explain_numbers("id", {{order_.orc, 2}, {order_.orc, 3}, {order_.rxe, 15}}, true);
        else
            explain_numbers("id", {{order_.orc, 3}, {dispense(), 7}, {order_.orc, 2}}, true);
        if (order_.done == nullptr)
            return;
        const bool is_dispense = kind_ == DrugFact::dispense;
        explain_numbers("id", {{order_.done, 1}, {order_.done, is_dispense ? std::size_t{8} : 2}}, false);
    }
    void explain_orders() {
        explain_numbers("fulfils", {{order_.orc, 2}, {order_.orc, 3}, {order_.rxe, 15}, {dispense(), 7}}, false);
    }
    /// What the drug's own field says, by its code or its words.
    void explain_by_drug(const char* field, const std::string& made) {
        hl7_origin(context_, origins_, field, hl7_place(context_, *product_field_.segment, product_field_.code),
                   (*product_field_.segment)[product_field_.code], made);
    }
    void explain_route(model::Route route) {
        if (!context_.context.is_explained || route == model::Route::unstated)
            return;
        for (const Hl7Segments* rxr : {&order_.rxr, &order_.rxr_encoded, &order_.rxr_requested})
            if (!rxr->empty() && (*rxr->front())[1].has_value())
                return hl7_origin(context_, origins_, "route", hl7_place(context_, *rxr->front(), 1),
                                  (*rxr->front())[1], std::string(model::to_text(route)));
        explain_by_drug("route", std::string(model::to_text(route)) + ", as the drug's code or name says");
    }
    void explain_strength() {
        const Hl7Segment& segment = *product_field_.segment;
        if (product_field_.strength == 0 || !segment[product_field_.strength].has_value())
            return explain_by_drug("strength", product_.name.strength);
        for (const std::size_t field : {product_field_.strength, product_field_.strength_unit})
            hl7_origin(context_, origins_, "strength", hl7_place(context_, segment, field), segment[field]);
    }
    void explain_whole_dose(const Hl7Amounts& amounts) {
        if (amounts.dosage.single)
            hl7_origin(context_, origins_, "dose", amounts.single_place, amounts.single_text);
        else if (product_.name.item_dose)
            explain_by_drug("dose", "one item of " + product_.name.strength);
    }

    void explain(const Event& event, const std::string& at_place, const Hl7Text& at_text) {
        if (!context_.context.is_explained)
            return;
        explain_id();
        hl7_version_origins(context_, version_segment(), version_field(), origins_);
        origins_.push_back({"patient", order_.person->place, order_.person->text, model::to_text(event.patient)});
        explain_by_drug("drug", product_.drug->id.text);
        hl7_origin(context_, origins_, "at", at_place, at_text, model::to_text(event.at));
    }

    const Hl7Context& context_;
    const Hl7DrugOrder& order_;
    DrugFact kind_;
    std::vector<FactId> orders_;
    std::string fact_; ///< Empty: it has no number.
    std::string what_;
    Product product_;
    Hl7DrugField product_field_;
    Warnings warnings_;
    std::vector<Origin> origins_;
};

} // namespace

Decoded decode_hl7_drug_order(const Hl7Context& context, const Hl7DrugOrder& order) {
    return DrugEvent(context, order).decode();
}

} // namespace bonewatch::ingest
