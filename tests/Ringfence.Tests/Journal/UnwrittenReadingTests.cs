using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Journal;
using Xunit;

namespace Ringfence.Tests.Journal;

public sealed class UnwrittenReadingTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_unban_whose_outcome_or_whose_subjects_next_ban_waits_in_memory_is_not_carried_out_again()
    {
        var queue = new UnwrittenQueue(100, 10_000);
        queue.Add(new Batch(
            new Decision[] { new Ban(12, Now, Of("198.51.100.2"), "RF2001", "again", Now.AddHours(1), 1) }, new Outcome[] { new(10, Now, OutcomeKind.Enforced, "") }, []));

        var unfinished = new UnwrittenReading(queue).Unfinished([Unban(10, "198.51.100.1"), Unban(11, "198.51.100.2"), Unban(13, "198.51.100.2"), Unban(14, "198.51.100.3")]);

        Assert.Equal([13, 14], unfinished.Select(unban => unban.Id));
    }

    private static Network Of(string address) => Network.Of(Address.Parse(address)!.Value);

    private static Unban Unban(long id, string address) => new(id, Now, Of(address), "operator", "by hand");
}
