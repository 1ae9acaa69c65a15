#include "tests/bench/figures.h"

#include <spdlog/spdlog.h>
#include <string_view>

/// bonewatch_bench [--quick] [durable|decode|reports|evaluation|newest|acknowledgement]
int main(int argc, char** argv) {
    using namespace bonewatch::bench;
    Scale scale;
    std::string_view only;
    for (int i = 1; i < argc; ++i)
        if (std::string_view(argv[i]) == "--quick")
            scale.is_quick = true;
        else
            only = argv[i];
    spdlog::set_level(spdlog::level::err);

    print({{"figure", "value", "beside it, in the same run", "ratio", "goal"}});
    bool any = false;
    for (const auto& [name, measure] : {std::pair<std::string_view, Figures (*)(const Scale&)>{"durable", durable},
                                        {"decode", decode},
                                        {"reports", reports},
                                        {"evaluation", evaluation},
                                        {"newest", newest_fact},
                                        {"acknowledgement", acknowledgement}})
        if (only.empty() || only == name) {
            any = true;
            print(measure(scale));
        }
    if (!any)
        std::fprintf(stderr,
                     "usage: bonewatch_bench [--quick] [durable|decode|reports|evaluation|newest|acknowledgement]\n");
    return any ? 0 : 64;
}
