#include "store/model/wire.h"

#include "store/model/json_writer.h"

namespace bonewatch::model {

Frame answer(const Address& to, Command command, std::string meta) {
    return Frame{.has_delimiter = to.has_delimiter,
                 .command = command,
                 .request_id = to.request_id,
                 .meta = std::move(meta),
                 .bodies = {}};
}

Frame error_answer(const Address& to, const Error& error, bool retry) {
    JsonWriter json;
    json.begin_object();
    json.text("reason", error.reason);
    json.text("message", error.message);
    if (!error.place.empty())
        json.text("place", error.place);
    json.flag("retry", retry);
    json.end_object();
    return answer(to, Command::error, json.take());
}

} // namespace bonewatch::model
