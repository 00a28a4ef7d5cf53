using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Journal;

namespace Ringfence.Bench.Verbs;

/// <summary><c>journal</c>: a journal full of bans in force, as a guard leaves it behind.</summary>
internal static class JournalVerb
{
    public static Command Build(TimeProvider clock)
    {
        var file = new Argument<string>("FILE") { Description = "The journal; must not be there." };
        var count = new Option<int>("--n") { DefaultValueFactory = _ => 100_000, Description = "Bans, of as many addresses." };
        var verb = new Command("journal", "Write a journal of bans in force.") { file, count };
        verb.SetAction(async (parsed, stop) =>
        {
            var now = clock.GetUtcNow();
            await using var journal = SqliteJournal.Open(parsed.GetValue(file)!, clock, NullLogger.Instance);
            foreach (var places in Enumerable.Range(0, parsed.GetValue(count)).Chunk(5_000))
            {
                stop.ThrowIfCancellationRequested();
                var bans = places.Select(place => new Ban(
                    0,
                    now,
                    Address.FromIPv4(Blocks.Crowd + (uint)place).Subject,
                    "RF2001",
                    "5 wrong passwords within 10 min",
                    // Different ends, as in life.
                    now + TimeSpan.FromHours(1) + TimeSpan.FromMilliseconds(place),
                    Ordinal: 1));
                var written = journal.Append([.. bans]);
                journal.Append([.. written.Select(ban => new Outcome(ban.Id, now, OutcomeKind.Enforced, ""))]);
            }
        });
        return verb;
    }
}
