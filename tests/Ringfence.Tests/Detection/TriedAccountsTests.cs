using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.Tests.Detection;

public sealed class TriedAccountsTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public void A_challenge_for_an_account_asked_for_before_is_no_news_and_a_refusal_or_a_better_proof_is()
    {
        var tried = new TriedAccounts(new RefusalRings());

        Assert.True(tried.Add(Of(EventKind.ChallengeSent, 0, Proof.Unproven), 12, Day));

        Assert.False(tried.Add(Of(EventKind.ChallengeSent, 1, Proof.Unproven), 12, Day));
        Assert.True(tried.Add(Of(EventKind.ChallengeSent, 1, Proof.Proven), 12, Day));
        Assert.True(tried.Add(Of(EventKind.PasswordRefused, 2, Proof.Unproven), 12, Day));
        Assert.True(tried.Add(Of(EventKind.ChallengeSent, 2 + Day.Ticks + 1, Proof.Unproven), 12, Day));
    }

    [Fact]
    public void What_anybody_could_have_sent_keeps_no_old_proof_alive()
    {
        var hour = TimeSpan.TicksPerHour;
        var tried = new TriedAccounts(new RefusalRings());
        tried.Add(Of(EventKind.PasswordRefused, hour, Proof.Proven), 12, Day);

        tried.Add(Of(EventKind.PasswordRefused, 20 * hour, Proof.Unproven), 12, Day);

        Assert.Equal(1, tried.Count(20 * hour, Day, Proof.Proven));
        Assert.Equal(0, tried.Count(26 * hour, Day, Proof.Proven));

        // After the window it counts by its own time, and for no more than it is.
        tried.Add(Of(EventKind.PasswordRefused, 26 * hour, Proof.Unproven), 12, Day);
        Assert.Equal((0, 1), (tried.Count(27 * hour, Day, Proof.Proven), tried.Count(27 * hour, Day, Proof.Unproven)));
    }

    [Fact]
    public void What_counts_is_told_oldest_first()
    {
        var tried = new TriedAccounts(new RefusalRings());
        foreach (var (account, ticks) in new (uint, long)[] { (1, 30), (2, 10), (3, 20), (4, 40) })
        {
            tried.Add(Of(EventKind.PasswordRefused, ticks, Proof.Proven) with { AccountHash = account }, 12, Day);
        }

        List<Refusal> counted = [];
        tried.Counted(50, Day, Proof.Unproven, counted);

        Assert.Equal([2u, 3u, 1u, 4u], counted.ConvertAll(refusal => refusal.AccountHash));
    }

    private static Refusal Of(EventKind kind, long ticks, Proof proof) => new(ticks, 1, 0, 7, 7, 5060, 0, 0, kind, Origin.Sip, proof);
}
