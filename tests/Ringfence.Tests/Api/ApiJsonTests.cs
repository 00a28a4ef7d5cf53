using System.Text.Json;
using Ringfence.Api;
using Ringfence.Commands;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Enforcement;
using Ringfence.Feeds;
using Ringfence.Journal;
using Ringfence.Notifiers;
using Xunit;

namespace Ringfence.Tests.Api;

/// <summary>The shapes that docs/json.md promises. A red test here breaks somebody's script: add members, change none.</summary>
public sealed class ApiJsonTests
{
    private static readonly DateTimeOffset Time = new(2026, 11, 20, 9, 15, 30, 250, TimeSpan.FromHours(1));
    private static readonly Network Subject = Network.Parse("2001:db8::/64")!.Value;

    [Fact]
    public void Calls_keep_their_shape()
    {
        var stop = new StopReport(3, Time, Time, "enforced", "RF3001", "spend-5m", "1009", "SL", "", false, "spend: spend-5m", 12.5m, 10, ["a call"]);
        Assert.Equal(
            """
            {"now":"2026-11-20T08:15:30.250Z","mode":"enforce","currency":"EUR","calls":[{"id":"1.1","extension":"1009","caller":"1009","number":"\u002B23279000001","region":"SL","class":"high","trunk":"trunk-a","origin":"phone","began":"2026-11-20T08:15:30.250Z","seconds":7,"cost":0.5,"per_minute":0.25,"cut":false}],
            "cost":0.5,"per_minute":0.25,"stops":[{"number":3,"from":"2026-11-20T08:15:30.250Z","until":"2026-11-20T08:15:30.250Z","state":"enforced","rule":"RF3001","limit":"spend-5m","extension":"1009","region":"SL","trunk":"","risky_only":false,"why":"spend: spend-5m","lost":12.5,"hung":10,"evidence":["a call"],"did":"","origin":null,"new_only":false,"times":1,"refused":0,"refused_at":null,"lifted_at":null,"limits":[]}],"problem":null,"source":"live","records":[],"note":null}
            """.ReplaceLineEndings(""),
            JsonSerializer.Serialize(new LiveCallsReport(Time, "enforce", "EUR", [new LiveCallReport("1.1", "1009", "1009", "+23279000001", "SL", "high", "trunk-a", "phone", Time, 7, 0.5m, 0.25m, false)], 0.5m, 0.25m, [stop], null), ApiJson.Default.LiveCallsReport));
    }

    [Fact]
    public void Status_keeps_its_shape()
    {
        var report = new StatusReport
        {
            From = "daemon",
            Version = "0.1.0",
            Now = Time,
            Started = Time,
            Events = 5,
            EventsPerSecond = 0.5,
            Bans = 1,
            Watched = 2,
            Sources = [new SourceReport("/var/log/x", true, Time, null, 5, 0.5, 1, 2, null) { Canary = new CanaryBackReport(Time, 3), Seen = 7 }],
            Firewall = new FirewallStatus("nftables", 1, 2, 3, null) { Limits = new LimitStatus(15, 500, 7, 8, 9) },
            Lists = new ListsStatus(9, Time, null, [new FeedStatus("voipbl", "www.voipbl.org", 3, 1, Time, Time, Time, null) { LeftOut = 2, Dropped = 5, DroppedAlone = 4 }]),
            Policy = new PolicyStatus("trial", 42, 1, ["far"], ["home.example.com"]),
            Journal = new JournalStatus(1, 2, 3, null),
            Canary = new CanaryReport("127.0.0.1:5060", "nobody", Time, 401, 2, null) { Next = Time },
            Parts = [new PartReport("api", "running", Time, 0, null, null)],
            Outer = [new Ringfence.Outer.OuterStatus("router", "192.0.2.1", 5, 1, 2, Time, Time, null, null)],
            Calls = new CallsStatus("enforce", "EUR", "live", 3, 1.5m, 0.6m, 1, 7, 2, 4, 1, Time, [new CallRecordsStatus("/cdr.csv", Time, 5, 1, "line 3: what", "gone")], new CallsLearnt(12, Time), null, null),
            ScannersDropped = 11,
            Roaming = new RoamingReport([new RoamingUserReport("anna", "198.51.100.7", Time)], new KnocksReport(1, 2, 3, 4, 5, 6, 7), new PageReport(8, 9, 10), null),
            Notifiers = [new NotifierStatus("boss", "mail", 3, Time, null, 1, 2, null)],
        };

        Assert.Equal(
            """
            {"from":"daemon","version":"0.1.0","now":"2026-11-20T08:15:30.250Z","started":"2026-11-20T08:15:30.250Z","events":5,"events_per_second":0.5,"bans":1,"observed":0,"throttles":0,"observed_throttles":0,"watched":2,"note":null,
            "sources":[{"name":"/var/log/x","alive":true,"since":"2026-11-20T08:15:30.250Z","last_event":null,"events":5,"events_per_second":0.5,"unmatched":1,"lag_bytes":2,"problem":null,"note":null,"canary":{"time":"2026-11-20T08:15:30.250Z","milliseconds":3},"seen":7,"dropped":0,"lost":0,"forged":0,"damaged":0,"contradicted":0,"unasked":0,"misplaced":0,"untold":0}],"weak":null,"stale":null,
            "firewall":{"mode":"nftables","elements":1,"dropped_packets":2,"repairs":3,"problem":null,"strangers":0,"limits":{"rate":15,"global_rate":500,"dropped_alone":7,"dropped_together":8,"addresses":9,"throttled":0,"dropped_throttled":0,"dropped_long":0}},
            "lists":{"elements":9,"loaded":"2026-11-20T08:15:30.250Z","problem":null,"feeds":[{"name":"voipbl","where":"www.voipbl.org","entries":3,"unread":1,"updated":"2026-11-20T08:15:30.250Z","checked":"2026-11-20T08:15:30.250Z","next":"2026-11-20T08:15:30.250Z","problem":null,"note":null,"left_out":2,"dropped":5,"dropped_alone":4}]},
            "policy":{"state":"trial","trial_seconds":42,"repairs":1,"countries_missing":["far"],"names_stale":["home.example.com"]},
            "outer":[{"name":"router","where":"192.0.2.1","told":5,"waiting":1,"left_out":2,"last_success":"2026-11-20T08:15:30.250Z","next":"2026-11-20T08:15:30.250Z","problem":null,"note":null}],
            "roaming":{"users":[{"user":"anna","address":"198.51.100.7","until":"2026-11-20T08:15:30.250Z"}],"knocks":{"opened":1,"strange":2,"forged":3,"late":4,"repeated":5,"too_many":6,"odd":7},"page":{"opened":8,"refused":9,"waiting":10},"problem":null},"calls":{"mode":"enforce","currency":"EUR","source":"live","calls":3,"cost":1.5,"per_minute":0.6,"stops":1,"asked":7,"denied":2,"hung":4,"odd":1,"last_event":"2026-11-20T08:15:30.250Z","records":[{"place":"/cdr.csv","read_at":"2026-11-20T08:15:30.250Z","calls":5,"unread":1,"first_mistake":"line 3: what","problem":"gone"}],"learnt":{"calls":12,"from":"2026-11-20T08:15:30.250Z"},"note":null,"problem":null},"scanners_dropped":11,
            "journal":{"decisions":1,"size_bytes":2,"unwritten":3,"problem":null,"lost":0,"max_bytes":0,"forgotten":0,"counted_only":0},
            "canary":{"target":"127.0.0.1:5060","account":"nobody","sent":"2026-11-20T08:15:30.250Z","answer":401,"milliseconds":2,"problem":null,"note":null,"silent":[],"next":"2026-11-20T08:15:30.250Z"},
            "parts":[{"name":"api","state":"running","since":"2026-11-20T08:15:30.250Z","failures":0,"next_try":null,"problem":null}],
            "notifiers":[{"name":"boss","kind":"mail","waiting":3,"last_success":"2026-11-20T08:15:30.250Z","last_failure":null,"refused":1,"lost":2,"problem":null,"note":null,"failing_since":null}],
            "latest":[]}
            """.Replace("\n", "", StringComparison.Ordinal),
            JsonSerializer.Serialize(report, ApiJson.Default.StatusReport));
    }

    [Fact]
    public void Why_keeps_its_shape()
    {
        var ban = new Ban(7, Time, Subject, "RF2001", "5 wrong passwords", Time.AddHours(1), 2)
        {
            Evidence = [new Evidence(Time, "/var/log/x", 17, EventKind.PasswordRefused, Proof.Proven, "\e1001", "text")],
        };
        var report = new WhyReport(
            "journal",
            Time,
            Subject,
            ReportFrom.Ban(ban, OutcomeKind.Failed),
            null,
            [ReportFrom.Decision(ban, [new Outcome(7, Time, OutcomeKind.Failed, "no memory")], withEvidence: true)])
        {
            AlsoBlocked = [new OtherBlockReport("fail2ban, jail sshd", Subject, null, "")],
            Unknown = ["ufw could not be asked: no"],
            Watched = [new WatchedReport(Subject, "password_refused", "proven", 3, 5, 600, Time, Time, ["1002"], null)],
        };

        Assert.Equal(
            """
            {"from":"journal","now":"2026-11-20T08:15:30.250Z","subject":"2001:db8::/64",
            "ban":{"subject":"2001:db8::/64","since":"2026-11-20T08:15:30.250Z","until":"2026-11-20T09:15:30.250Z","ordinal":2,"rule":"RF2001","reason":"5 wrong passwords","state":"failed","throttles":false},
            "trust":null,
            "decisions":[{"id":7,"time":"2026-11-20T08:15:30.250Z","action":"ban","subject":"2001:db8::/64","rule":"RF2001","reason":"5 wrong passwords",
            "until":"2026-11-20T09:15:30.250Z","ordinal":2,"trust":null,
            "outcomes":[{"time":"2026-11-20T08:15:30.250Z","kind":"failed","detail":"no memory"}],
            "evidence":[{"time":"2026-11-20T08:15:30.250Z","log":"/var/log/x","line":17,"event":"password_refused","proof":"proven","account":"\u001B1001","text":"text","source":"2001:db8::/64"}]}],"also_blocked":[{"where":"fail2ban, jail sshd","subject":"2001:db8::/64","since":null,"why":"","accounts_only":false,"accounts":[]}],"unknown":["ufw could not be asked: no"],
            "watched":[{"subject":"2001:db8::/64","event":"password_refused","proof":"proven","count":3,"enough":5,"within_seconds":600,"first":"2026-11-20T08:15:30.250Z","last":"2026-11-20T08:15:30.250Z","accounts":["1002"],"door":null}]}
            """.Replace("\n", "", StringComparison.Ordinal),
            JsonSerializer.Serialize(report, ApiJson.Default.WhyReport));
    }

    [Fact]
    public void Bans_trust_changes_and_errors_keep_their_shapes()
    {
        Assert.Equal(
            """{"from":"daemon","now":"2026-11-20T08:15:30.250Z","bans":[]}""",
            JsonSerializer.Serialize(new BansReport("daemon", Time, []), ApiJson.Default.BansReport));
        Assert.Equal(
            """{"now":"2026-11-20T08:15:30.250Z","trust":[{"subject":"2001:db8::/64","source":"ssh","reason":"x","until":null}]}""",
            JsonSerializer.Serialize(new TrustListReport(Time, [new TrustReport(Subject, "ssh", "x", null)]), ApiJson.Default.TrustListReport));
        Assert.Equal(
            """{"subject":"2001:db8::/64","change":"banned","until":null,"dry_run":true,"message":"x","still_banned_with":null}""",
            JsonSerializer.Serialize(new ChangeReport(Subject, "banned", null, true, "x"), ApiJson.Default.ChangeReport));
        Assert.Equal(
            """{"now":"2026-11-20T08:15:30.250Z","watched":[]}""",
            JsonSerializer.Serialize(new WatchedListReport(Time, []), ApiJson.Default.WatchedListReport));
        Assert.Equal("""{"error":"x"}""", JsonSerializer.Serialize(new ErrorReport("x"), ApiJson.Default.ErrorReport));
    }

    [Fact]
    public void Rules_keep_their_shape() => Assert.Equal(
        """{"rules":[{"id":"RF2001","name":"n","severity":"high","why":"w","fix":"f","bad":"b","good":"g","reference":"https://example.org/"}]}""",
        JsonSerializer.Serialize(
            new RulesReport([new RuleReport("RF2001", "n", "high", "w", "f", "b", "g", "https://example.org/")]), RuleJson.Default.RulesReport));

    [Fact]
    public void Every_kind_has_its_name()
    {
        Assert.Equal(
            "none challenge_sent login_succeeded password_refused account_unknown acl_refused request_refused call_refused contact_limit packet_malformed limit_reached unknown_account_failed address_accepted injection scanner_seen challenge_answered number_refused login_omitted nonce_stale cross_site_refused door_failed",
            string.Join(' ', Enum.GetValues<EventKind>().Select(ReportFrom.Name)));
        Assert.Equal("forgeable unproven proven", string.Join(' ', Enum.GetValues<Proof>().Select(ReportFrom.Name)));
        Assert.Equal("enforced observed expired failed", string.Join(' ', Enum.GetValues<OutcomeKind>().Select(ReportFrom.Name)));
    }

    [Fact]
    public void Each_decision_says_what_it_is()
    {
        Decision[] decisions =
        [
            new Ban(1, Time, Subject, "operator", "x", null, 1),
            new Unban(2, Time, Subject, "operator", "x"),
            new Spare(3, Time, Subject, "RF2001", "x", "trunk"),
            new Alert(4, Time, Subject, "RF2001", "x"),
        ];

        var reports = decisions.Select(decision => ReportFrom.Decision(decision, [], withEvidence: false)).ToList();

        Assert.Equal(["ban", "unban", "spare", "alert"], reports.Select(report => report.Action));
        Assert.Equal([1, null, null, null], reports.Select(report => report.Ordinal));
        Assert.Equal([null, null, "trunk", null], reports.Select(report => report.Trust));
    }
}
