#include "config/nearest.h"
#include "daemon/commands.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>

namespace {

using namespace bonewatch::daemon;

constexpr const char* default_ingest = "tcp://127.0.0.1:7701";
constexpr const char* default_feed = "tcp://127.0.0.1:7702";
constexpr const char* default_tail = "tcp://127.0.0.1:7704";
constexpr const char* default_command = "tcp://127.0.0.1:7703";

const std::map<std::string, Output> outputs{{"table", Output::table}, {"ndjson", Output::ndjson}};

/// CLI11's own check for a positive number names its bound with six hundred digits.
const CLI::Validator is_count(
    [](const std::string& text) {
        const bool is_number = !text.empty() && text.size() < 19 && text.front() != '0' &&
                               text.find_first_not_of("0123456789") == std::string::npos;
        return is_number ? std::string() : "'" + text + "' is not a whole number from 1";
    },
    "NUMBER");

void add_output(CLI::App* command, Output& output) {
    command->add_option("--output", output, "table or ndjson")
        ->transform(CLI::CheckedTransformer(outputs))
        ->option_text("FORMAT");
}

void add_files(CLI::App* command, FileOptions& input, bool is_required) {
    auto* files = command->add_option(is_required ? "FILE" : "--file", input.files,
                                      "Files of events; - is standard input; gzipped or not");
    if (is_required)
        files->required();
    command->add_option("--format", input.format, "auto, native, fhir or hl7v2")
        ->check(CLI::IsMember({"auto", "native", "fhir", "hl7v2"}));
}

void add_tables(CLI::App* command, TableOptions& tables) {
    command->add_option("--config", tables.config, "Settings of the daemon, for its tables and publishers");
    command->add_option("--monitors", tables.monitors, "A folder of monitor files");
    command->add_option("--set", tables.set, "MONITOR.THRESHOLD=VALUE, for this run")
        ->check([](const std::string& text) {
            return text.find('=') != std::string::npos ? std::string()
                                                       : "'" + text + "' sets nothing: write MONITOR.THRESHOLD=VALUE";
        });
}

void add_publisher(CLI::App* command, std::string& publisher) {
    command->add_option("--publisher", publisher, "Whose own identifier of the patient it is");
}

/// All commands; `run` is what the one that was given does.
class CommandLine {
  public:
    CommandLine() : app_("Talks to bonewatchd, and replays events without it.", "bonewatch") {
        app_.require_subcommand(1);
        add_offline();
        add_publishing();
        add_asking();
        add_keys();
    }

    int main(int argc, char** argv) {
        try {
            app_.parse(argc, argv);
        } catch (const CLI::CallForHelp& asked) {
            return app_.exit(asked);
        } catch (const CLI::CallForAllHelp& asked) {
            return app_.exit(asked);
        } catch (const CLI::ParseError& error) {
            if (const std::string wrong = unknown_command(argc, argv); !wrong.empty())
                std::fprintf(stderr, "bonewatch: %s\n", wrong.c_str());
            else
                app_.exit(error);
            return exit_usage;
        }
        if (!key_.empty() || !server_key_.empty())
            if (const int code = use_client_keys(key_, server_key_); code != 0)
                return code;
        return run_();
    }

  private:
    /// Options of a command that asks a daemon.
    void add_endpoint(CLI::App* command, std::string& endpoint, const char* standard) {
        endpoint = standard;
        command->add_option("--connect", endpoint, "The daemon's door")->capture_default_str();
        command->add_option("--key", key_, "Your secret key's file, for a door that takes keys")
            ->envname("BONEWATCH_KEY");
        command->add_option("--server-key", server_key_, "The server's public key, or the file that has it")
            ->envname("BONEWATCH_SERVER_KEY");
    }

    /// What is said of a first word that is no command; nothing where it is one.
    [[nodiscard]] std::string unknown_command(int argc, char** argv) const {
        if (argc < 2 || argv[1][0] == '-')
            return {};
        const std::string word = argv[1];
        std::vector<std::string> known;
        for (const CLI::App* command : app_.get_subcommands([](const CLI::App*) { return true; }))
            known.push_back(command->get_name());
        if (std::ranges::find(known, word) != known.end())
            return {};
        std::string out = "'" + word + "' is no command" + bonewatch::config::did_you_mean(word, known) + "; one of";
        for (const std::string& name : known)
            out += (name == known.front() ? " " : ", ") + name;
        return out;
    }

    void on(CLI::App* command, std::function<int()> run) {
        command->callback([this, run = std::move(run)] { run_ = run; });
    }

    void add_offline() {
        auto* replaying =
            app_.add_subcommand("replay", "Runs files through the monitors in memory, and prints what would be told");
        add_files(replaying, replay_.input, true);
        add_tables(replaying, replay_.tables);
        replaying->add_option("--until", replay_.until, "Moves the clock on to this time");
        add_output(replaying, replay_.output);
        on(replaying, [this] { return replay(replay_); });

        auto* parsing = app_.add_subcommand(
            "parse", "What would be stored of files, and why not; 1 where something would be quarantined");
        add_files(parsing, parse_.input, true);
        parsing->add_option("--publisher", parse_.publisher, "Whose facts these are, and by whose settings")
            ->capture_default_str();
        parsing->add_option("--config", parse_.tables.config, "Settings of the daemon, for its tables and publishers");
        parsing->add_flag("--explain", parse_.is_explained, "Field by field, and where each came from");
        add_output(parsing, parse_.output);
        on(parsing, [this] { return parse_files(parse_); });

        auto* simulating = app_.add_subcommand("simulate", "Writes a clinic's years of histories, from a seed");
        simulating->add_option("--patients", simulate_.patients)->check(CLI::Range(1, 900'000))->capture_default_str();
        simulating->add_option("--years", simulate_.years)->check(CLI::Range(1, 50))->capture_default_str();
        simulating->add_option("--seed", simulate_.seed)->capture_default_str();
        simulating->add_option("--until", simulate_.until, "Last date; default today");
        simulating->add_option("--format", simulate_.format)
            ->check(CLI::IsMember({"native", "fhir", "hl7v2"}))
            ->capture_default_str();
        on(simulating, [this] { return simulate_clinic(simulate_); });

        auto* monitor = app_.add_subcommand("monitor", "The monitors");
        monitor->require_subcommand(1);
        auto* list = monitor->add_subcommand("list", "One line per monitor");
        add_tables(list, tables_);
        add_output(list, output_);
        on(list, [this] { return list_monitors(tables_, output_); });
        auto* show = monitor->add_subcommand("show", "A monitor's file");
        show->add_option("ID", id_)->required();
        add_tables(show, tables_);
        on(show, [this] { return show_monitor(tables_, id_); });
        auto* check =
            monitor->add_subcommand("check", "Reads, checks and compiles all monitors; 1 where there is a problem");
        check->add_option("FILE", files_, "Only the monitors of these files; none: all");
        add_tables(check, tables_);
        on(check, [this] { return check_monitors(tables_, files_); });
        auto* standing = monitor->add_subcommand(
            "status", "Of each monitor: patients it watches, open, unknown and by which clause, when it last raised");
        add_files(standing, monitor_status_.input, false);
        add_tables(standing, monitor_status_.tables);
        add_endpoint(standing, monitor_status_.endpoint, default_command);
        add_output(standing, monitor_status_.output);
        on(standing, [this] {
            return monitor_status_.input.files.empty() ? monitor_status_online(monitor_status_)
                                                       : monitor_status_of_files(monitor_status_);
        });
        auto* test =
            monitor->add_subcommand("test", "Runs monitors' own test timelines; 1 where one comes out otherwise");
        test->add_option("FILE", files_, "Only the monitors of these files; none: all");
        add_tables(test, tables_);
        on(test, [this] { return test_monitors(tables_, files_); });
        auto* tracing =
            monitor->add_subcommand("trace", "A table from guideline statement to monitor, clause, threshold, "
                                             "test and advice; 1 where one is missing");
        add_tables(tracing, tables_);
        on(tracing, [this] { return trace_monitors(tables_); });
    }

    /// The options of `publish` for MLLP, which has no use for those of our own protocol.
    void add_mllp(CLI::App* publishing) {
        auto* mllp =
            publishing->add_option("--mllp", mllp_.receiver, "To this receiver of HL7 v2, HOST:PORT, over MLLP instead")
                ->needs("FILE");
        for (const char* other : {"--resume", "--connect", "--publisher", "--backfill", "--watch"})
            mllp->excludes(other);
        auto* authority = publishing->add_option("--authority", mllp_.authority,
                                                 "With TLS: the certificate of who vouches for the receiver");
        authority->needs(mllp);
        auto* certificate = publishing->add_option("--certificate", mllp_.certificate, "Your own, for mutual TLS");
        auto* key = publishing->add_option("--private-key", mllp_.private_key, "Of your certificate");
        certificate->needs(authority)->needs(key);
        key->needs(certificate);
        publishing->add_option("--server-name", mllp_.server_name, "Whom its certificate names; default HOST")
            ->needs(authority);
        publishing->add_option("--wait", mllp_.wait_seconds, "For an answer, in seconds")
            ->capture_default_str()
            ->check(CLI::Range(1, 3600))
            ->needs(mllp);
    }

    void add_publishing() {
        auto* publishing =
            app_.add_subcommand("publish", "Sends files of events to the daemon, each message until it is stored");
        add_files(publishing, publish_.input, true);
        auto* files = publishing->get_option("FILE")->required(false);
        auto* watch =
            publishing->add_option("--watch", publish_.watch, "A folder: its files, as they come")->excludes(files);
        publishing->add_option("--archive", publish_.archive, "Where its files go that are stored; default DIR/archive")
            ->needs(watch);
        publishing->add_option("--bad", publish_.bad, "Where they go when something was rejected; default DIR/bad")
            ->needs(watch);
        publishing->add_option("--resume", publish_.resume, "Remembers in this file how far FILE has come, and goes on")
            ->excludes(watch);
        add_endpoint(publishing, publish_.endpoint, default_ingest);
        publish_.publisher = "bonewatch";
        publishing->add_option("--publisher", publish_.publisher, "Whose facts these are")->capture_default_str();
        publishing->add_flag("--backfill", publish_.is_backfill,
                             "History: stored at once, told once after a settling time");
        add_output(publishing, publish_.output);
        add_mllp(publishing);
        on(publishing, [this] {
            if (!mllp_.receiver.empty()) {
                mllp_.input = publish_.input;
                mllp_.output = publish_.output;
                return publish_by_mllp(mllp_);
            }
            if (!publish_.watch.empty())
                return publish_folder(publish_);
            if (!publish_.input.files.empty())
                return publish_files(publish_);
            std::fprintf(stderr, "bonewatch: name a FILE, or a folder with --watch\n");
            return exit_usage;
        });
    }

    void add_asking() {
        auto* listing = app_.add_subcommand("alerts", "The alerts");
        add_endpoint(listing, alerts_.endpoint, default_command);
        listing->add_option("--patient", alerts_.patient, "SYSTEM:VALUE, or PUBLISHER/SYSTEM:VALUE");
        add_publisher(listing, alerts_.publisher);
        listing->add_option("--monitor", alerts_.monitor);
        listing->add_option("--state", alerts_.state)->check(CLI::IsMember({"open", "all"}))->capture_default_str();
        listing->add_option("--limit", alerts_.limit, "At most so many, the most urgent first")->check(is_count);
        add_output(listing, alerts_.output);
        on(listing, [this] { return show_alerts(alerts_); });

        auto* alert = app_.add_subcommand("alert", "One alert");
        alert->require_subcommand(1);
        auto* showing = alert->add_subcommand("show", "The alert as it now stands");
        showing->add_option("ID", alerts_.id)->required();
        add_endpoint(showing, alerts_.endpoint, default_command);
        add_output(showing, alerts_.output);
        on(showing, [this] { return show_alerts(alerts_); });
        auto* ack = alert->add_subcommand("ack", "Says that somebody takes care of it");
        ack->add_option("ID", id_)->required();
        ack->add_option("--by", actor_, "Who")->required();
        ack->add_option("--note", note_);
        add_endpoint(ack, endpoint_, default_command);
        on(ack, [this] { return acknowledge(endpoint_, id_, actor_, note_); });

        auto* feed = app_.add_subcommand("feed", "The feed of alerts");
        feed->require_subcommand(1);
        auto* tail = feed->add_subcommand("tail", "Prints entries as they come; the consumer's place is kept");
        tail->add_option("--consumer", feed_.consumer, "Name of the durable subscription")->required();
        tail->add_option("--from", feed_.from, "earliest, last, now or a cursor")->capture_default_str();
        tail->add_option("--until-idle", feed_.until_idle_seconds, "Ends when nothing came for so many seconds");
        add_endpoint(tail, feed_.endpoint, default_feed);
        add_output(tail, feed_.output);
        on(tail, [this] { return tail_feed(feed_); });

        auto* look = feed->add_subcommand("look", "Prints entries as they come, from the tail: nobody's place is kept");
        look->add_option("--monitor", looking_.monitor, "Only of monitors whose id begins so");
        look->add_option("--until-idle", looking_.until_idle_seconds, "Ends when nothing came for so many seconds");
        add_endpoint(look, looking_.endpoint, default_tail);
        add_output(look, looking_.output);
        on(look, [this] { return look_at_feed(looking_); });

        auto* status = app_.add_subcommand("status", "What the daemon is doing");
        add_endpoint(status, endpoint_, default_command);
        add_output(status, output_);
        on(status, [this] { return show_status(endpoint_, output_); });

        auto* quarantine = app_.add_subcommand("quarantine", "What could not be used, and why");
        quarantine->require_subcommand(1);
        add_quarantine(quarantine);

        auto* unmapped = app_.add_subcommand("codes", "Codes and units that were met and that no table knows");
        add_files(unmapped, codes_.input, false);
        add_tables(unmapped, codes_.tables);
        add_endpoint(unmapped, codes_.endpoint, default_command);
        unmapped->add_option("--limit", codes_.limit, "At most so many, the commonest first")->check(is_count);
        add_output(unmapped, codes_.output);
        on(unmapped, [this] { return codes_.input.files.empty() ? list_codes(codes_) : codes_in_files(codes_); });

        auto* explaining = app_.add_subcommand("explain", "Why a monitor fires for a patient, why not, and when next");
        add_patient(explaining);
        explaining->add_option("MONITOR", patient_.question.monitor);
        explaining->add_option("--at", patient_.question.at, "A past time, with the facts known today");
        on(explaining,
           [this] { return patient_.input.files.empty() ? explain_online(patient_) : explain_files(patient_); });

        auto* timeline = app_.add_subcommand("timeline", "A patient's facts as they stand");
        add_patient(timeline);
        on(timeline,
           [this] { return patient_.input.files.empty() ? timeline_online(patient_) : timeline_files(patient_); });
    }

    void add_shelf_filter(CLI::App* command, const char* standard_state) {
        command->add_option("--reason", shelf_.reason, "Only what lies there for this reason");
        command->add_option("--publisher", shelf_.publisher, "Only of this publisher");
        if (standard_state != nullptr)
            command->add_option("--state", shelf_.state, std::string("waiting, done or all; default ") + standard_state)
                ->check(CLI::IsMember({"waiting", "done", "all"}));
        add_endpoint(command, shelf_.endpoint, default_command);
    }

    void add_quarantine(CLI::App* quarantine) {
        auto* groups = quarantine->add_subcommand("groups", "How many wait, by publisher, reason and place");
        add_shelf_filter(groups, "waiting");
        add_output(groups, shelf_.output);
        on(groups, [this] { return group_quarantine(shelf_); });
        auto* list = quarantine->add_subcommand("list", "A line for each");
        add_shelf_filter(list, "waiting");
        list->add_option("--limit", shelf_.limit, "At most so many, the oldest first")->check(is_count);
        add_output(list, shelf_.output);
        on(list, [this] { return list_quarantine(shelf_); });
        auto* show = quarantine->add_subcommand("show", "One of them, whole");
        show->add_option("NUMBER", shelf_.numbers)->required()->expected(1)->check(is_count);
        add_endpoint(show, shelf_.endpoint, default_command);
        add_output(show, shelf_.output);
        on(show, [this] { return show_quarantine(shelf_); });
        auto* retry = quarantine->add_subcommand(
            "retry", "Tries them again, by the settings of now; 1 where one cannot be used still");
        auto* numbers = retry->add_option("NUMBER", shelf_.numbers)->check(is_count);
        auto* all = retry->add_flag("--all", shelf_.is_all, "All that wait");
        add_shelf_filter(retry, nullptr);
        numbers->excludes(all)->excludes("--reason")->excludes("--publisher");
        add_output(retry, shelf_.output);
        on(retry, [this] { return retry_quarantine(shelf_); });
        auto* exporting = quarantine->add_subcommand("export", "All of them as JSON lines, with all that is known");
        add_shelf_filter(exporting, "all");
        on(exporting, [this, exporting] {
            if (exporting->count("--state") == 0)
                shelf_.state = "all";
            return export_quarantine(shelf_);
        });
        auto* dismiss = quarantine->add_subcommand("dismiss", "Says that they need not be tried again; they are kept");
        dismiss->add_option("NUMBER", shelf_.numbers)->required()->check(is_count);
        dismiss->add_option("--by", shelf_.actor, "Who")->required();
        dismiss->add_option("--note", shelf_.note);
        add_endpoint(dismiss, shelf_.endpoint, default_command);
        on(dismiss, [this] { return dismiss_quarantine(shelf_); });
    }

    void add_key_folder(CLI::App* command) {
        command->add_option("--keys", key_options_.keys.folder, "The folder of the clients' public keys");
        command->add_option("--config", key_options_.keys.config, "Settings of the daemon, which name it");
    }

    void add_keys() {
        auto* keys = app_.add_subcommand("key", "Who may connect: key pairs, and the daemon's folder of public keys");
        keys->require_subcommand(1);
        auto* generate =
            keys->add_subcommand("generate", "Makes a key pair: NAME.secret to keep, NAME.pub to hand over");
        generate->add_option("NAME", key_options_.name)->required();
        generate->add_option("--into", key_options_.into, "Folder for the two files")->capture_default_str();
        on(generate, [this] { return generate_key(key_options_); });
        auto* shown = keys->add_subcommand("fingerprint", "A public key in short, to be compared by telephone");
        shown->add_option("KEY", key_options_.key, "A public key, or a file that has it")->required();
        on(shown, [this] { return print_fingerprint(key_options_); });
        auto* list = keys->add_subcommand("list", "The clients, what each may do, and until when");
        add_key_folder(list);
        add_output(list, key_options_.output);
        on(list, [this] { return list_keys(key_options_); });
        auto* add = keys->add_subcommand("add", "Lets a client in");
        add->add_option("NAME", key_options_.name)->required();
        add->add_option("KEY", key_options_.key, "Its public key, or the file that has it")->required();
        add->add_option("--role", key_options_.roles, "publisher, subscriber, clinician, operator or admin")
            ->required();
        add->add_option("--source", key_options_.sources, "Publishers it speaks for; default its name; * is any");
        add->add_option("--consumer", key_options_.consumers, "Names it subscribes under; default its name; * is any");
        add->add_option("--not-after", key_options_.not_after, "The last date, or a time, on which it is let in");
        add->add_option("--note", key_options_.note, "For people: whose it is, and how to reach them");
        add_key_folder(add);
        on(add, [this] { return add_key(key_options_); });
        auto* revoke = keys->add_subcommand("revoke", "Lets a client in no more, and has its connections closed");
        revoke->add_option("NAME", key_options_.name)->required();
        add_key_folder(revoke);
        on(revoke, [this] { return revoke_key(key_options_); });
        auto* rotate = keys->add_subcommand("rotate", "Gives a client a new key; the old one is good for a while yet");
        rotate->add_option("NAME", key_options_.name)->required();
        rotate->add_option("KEY", key_options_.key, "The new public key, or the file that has it")->required();
        rotate->add_option("--overlap-days", key_options_.overlap_days)
            ->check(CLI::Range(0, 366))
            ->capture_default_str();
        add_key_folder(rotate);
        on(rotate, [this] { return rotate_key(key_options_); });
    }

    void add_patient(CLI::App* command) {
        command->add_option("PATIENT", patient_.question.patient, "SYSTEM:VALUE, or PUBLISHER/SYSTEM:VALUE")
            ->required();
        add_publisher(command, patient_.question.publisher);
        command->add_option("--as-known-at", patient_.question.as_known_at,
                            "Only what had been journalled by this time, by the monitors of that time");
        add_files(command, patient_.input, false);
        add_tables(command, patient_.tables);
        add_endpoint(command, patient_.endpoint, default_command);
    }

    CLI::App app_;
    std::function<int()> run_;
    ReplayOptions replay_;
    ParseOptions parse_;
    SimulateOptions simulate_;
    TableOptions tables_;
    PublishCommand publish_;
    MllpCommand mllp_;
    AlertsOptions alerts_;
    FeedOptions feed_, looking_;
    PatientOptions patient_;
    CodesOptions codes_;
    MonitorStatusOptions monitor_status_;
    KeyOptions key_options_;
    std::string key_, server_key_;
    Output output_ = Output::table;
    std::vector<std::string> files_;
    std::string id_, actor_, note_, endpoint_;
    QuarantineOptions shelf_;
};

} // namespace

int main(int argc, char** argv) {
    return CommandLine().main(argc, argv);
}
