using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Daemon;
using Ringfence.Enforcement;
using Ringfence.Output;
using Xunit;

namespace Ringfence.Tests.Daemon;

public sealed class FarewellTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("", "ringfence ended: nobody is guarded any more, and nobody is banned")]
    [InlineData("failed", "ringfence ended: nobody is guarded any more, and nobody is banned")]
    [InlineData("ban", "ringfence ended: nobody is guarded any more. The kernel holds 1 ban, until 2026-11-20 09:00:00 +00:00: ringfence bans lists them, ringfence free ADDRESS lifts one")]
    [InlineData("ban throttle ban", "ringfence ended: nobody is guarded any more. The kernel holds 2 bans and 1 throttle, the last until 2026-11-20 11:00:00 +00:00: ringfence bans lists them, ringfence free ADDRESS lifts one")]
    [InlineData("throttle", "ringfence ended: nobody is guarded any more. The kernel holds 1 throttle, until 2026-11-20 09:00:00 +00:00: ringfence bans lists them, ringfence free ADDRESS lifts one")]
    [InlineData("ban ever", "ringfence ended: nobody is guarded any more. The kernel holds 2 bans, the last for ever, or until it is lifted: ringfence bans lists them, ringfence free ADDRESS lifts one")]
    public void Who_ends_the_guard_is_told_what_stays_in_force_and_until_when(string bans, string said) =>
        Assert.Equal(said, Farewell.Text(Of(bans), new FirewallStatus("nftables", 3, 0, 0, null), Screen()));

    [Theory]
    [InlineData(0, "ringfence ended; it banned nobody")]
    [InlineData(1, "ringfence ended; it banned nobody, and 1 ban of an earlier enforcing guard still blocks: ringfence bans")]
    public void A_guard_that_observed_says_that_it_banned_nobody(int elements, string said) =>
        Assert.Equal(said, Farewell.Text(Of("observed"), new FirewallStatus("observe", elements, 0, 0, null), Screen()));

    // Each an hour longer than the one before.
    private static IEnumerable<(Ban Ban, OutcomeKind? Outcome)> Of(string bans) => bans.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((kind, i) => (
        new Ban(i, Now, Network.Parse($"198.51.100.{i + 1}")!.Value, "RF2001", "x", kind == "ever" ? null : Now.AddHours(i + 1), 1) { Throttles = kind == "throttle" },
        (OutcomeKind?)(kind switch { "failed" => OutcomeKind.Failed, "observed" => OutcomeKind.Observed, _ => OutcomeKind.Enforced })));

    private static Screen Screen() => new(new Piped
    {
        Output = TextWriter.Null,
        Error = TextWriter.Null,
        Clock = new ManualTime(),
        IsTerminal = false,
        IsErrorTerminal = false,
        IsColoured = false,
        Width = 80,
    });

    private sealed class Piped : PrintSettings;
}
