using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Daemon;
using Ringfence.Enforcement;
using Ringfence.Sources;
using Ringfence.Tests.Api;
using Xunit;

namespace Ringfence.Tests.Daemon;

/// <summary>What the guard can't see or do is a problem that status counts.</summary>
public sealed class StatusProblemTests
{
    private static readonly DateTimeOffset Now = FakeDaemon.Now;
    private static readonly TailStatus Read = new("/var/log/asterisk/security", TailState.Reading, null, Now, 100, 0, 0, 0, Now);

    [Fact]
    public void A_log_that_is_read_and_understood_has_no_problem() =>
        Assert.Null(LogHealth.ProblemOf(new LogState(Read.Path, new ManualTime(Now)), new LogCounts(10, 100, 9, 0, 0, 0), Read, Now));

    [Fact]
    public void A_log_whose_times_are_hours_behind_says_what_it_costs_and_which_key_mends_it()
    {
        var problem = LogHealth.ProblemOf(new LogState(Read.Path, new ManualTime(Now)) { Skew = TimeSpan.FromHours(8) }, default, Read, Now);

        Assert.Equal("its times are 8 h behind the clock, so bans end too early or at once: set timezone in ringfence.conf to the zone that Asterisk writes", problem);
    }

    [Fact]
    public void Lines_that_a_sender_can_cause_are_a_note_and_no_problem()
    {
        var state = new LogState(Read.Path, new ManualTime(Now)) { LastUnmatched = Now.AddMinutes(-5), UnmatchedInRow = 2 };
        var counts = new LogCounts(10, 100, 7, 2, 1, 0, 3);

        Assert.Null(LogHealth.ProblemOf(state, counts, Read, Now));
        Assert.Equal(
            "2 lines that look like security lines, not understood, the last 5 min ago: ringfence parse --unmatched /var/log/asterisk/security; "
            + "3 lines so long that the logger cut them (Asterisk at 8191 bytes, a syslog at 1024): not counted; 1 line of more than 70000 bytes, skipped",
            LogHealth.NoteOf(state, counts, Read, Now));
    }

    [Fact]
    public void A_log_of_which_no_line_is_understood_is_a_problem_for_as_long_as_it_goes_on()
    {
        var state = new LogState(Read.Path, new ManualTime(Now)) { LastUnmatched = Now.AddMinutes(-5), UnmatchedInRow = 20 };
        var counts = new LogCounts(30, 100, 7, 22, 0, 0);

        Assert.Equal(
            "the format of this log is not understood: 22 lines look like security lines, and not one of the last 20 is known; run ringfence parse --unmatched /var/log/asterisk/security",
            LogHealth.ProblemOf(state, counts, Read, Now));
        Assert.Null(LogHealth.NoteOf(state, counts, Read, Now));
        Assert.Null(LogHealth.ProblemOf(state, counts, Read, Now.AddHours(1)));
    }

    [Fact]
    public void Names_that_do_not_resolve_and_phones_that_are_not_known_are_problems_of_trust()
    {
        ResolvedName[] names =
        [
            new("good.example", [Address.Parse("192.0.2.1")!.Value], Now, null),
            new("sip.itsp.example", [], null, "no such host"),
            new("old.example", [Address.Parse("192.0.2.2")!.Value], Now, "no answer within 10 s"),
        ];

        Assert.Null(TrustKeeper.ProblemOf([names[0]], null));
        Assert.Equal(
            "registered phones are not known (asterisk is not installed), so those that were not seen to log in over HEP or on the wire have no protection of their own; "
            + "sip.itsp.example can't be resolved (no such host), so it protects nobody; old.example can't be resolved (no answer within 10 s); its last 1 addresses stay trusted",
            TrustKeeper.ProblemOf(names, "asterisk is not installed"));
    }

    [Fact]
    public void Observing_because_nothing_else_can_be_done_is_a_problem()
    {
        Assert.Null(new Observing(TimeProvider.System).Status.Problem);
        Assert.Equal("there is no nft", new Observing(TimeProvider.System, problem: "there is no nft").Status.Problem);
    }
}
