using Ringfence.Core.Configuration;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.Tests.Detection;

public sealed class AddressHistoryTests
{
    [Fact]
    public void A_million_refusals_of_one_address_keep_the_newest_and_take_no_more_memory_than_those()
    {
        var history = new AddressHistory(Address.FromIPv4(1), new RefusalRings());
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1_000_000; i++)
        {
            history.Add(Refused(i, account: (uint)i), capacity: 30);
        }

        Assert.Equal(30, history.Length);
        Assert.Equal((999_970L, 999_999L), (history[0].TimeTicks, history[29].TimeTicks));
        // Rings of 1, 2, 4, 8, 16 and 30, and what the runtime itself takes when it compiles the loop anew.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64_000);
    }

    [Fact]
    public void Accounts_are_told_apart_up_to_the_most_that_can_be_asked_for()
    {
        var history = new AddressHistory(Address.FromIPv4(1), new RefusalRings());
        var seen = new PbxEvent { Kind = EventKind.PasswordRefused, Origin = Origin.SecurityEvent, TimeTicks = 500 };
        for (var i = 0; i < 500; i++)
        {
            history.Add(Refused(i, account: (uint)(i % 7)), capacity: 6_000);
        }

        Assert.Equal(7, new Refusals(history, new LongMemory(new DetectionSettings(), new RefusalRings()), Proof.Unproven).CountAccounts(seen, TimeSpan.FromMinutes(10)));

        for (var i = 0; i < 500; i++)
        {
            history.Add(Refused(i, account: (uint)i), capacity: 6_000);
        }

        Assert.Equal(Refusals.MostAccounts, new Refusals(history, new LongMemory(new DetectionSettings(), new RefusalRings()), Proof.Unproven).CountAccounts(seen, TimeSpan.FromMinutes(10)));
    }

    private static Refusal Refused(long ticks, uint account) =>
        new(ticks, Line: ticks, TextAt: 0, account, SessionHash: 1, Port: 5060, TextLength: 0, Log: 0, EventKind.PasswordRefused, Origin.SecurityEvent, Proof.Unproven);
}
