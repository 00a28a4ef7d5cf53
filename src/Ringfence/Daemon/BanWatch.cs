using Ringfence.Core.Decisions;
using Ringfence.Core.Outer;
using Ringfence.Outer;

namespace Ringfence.Daemon;

/// <summary>Looks each second at the bans that the kernel enforces, for whoever tells others of them: nobody of those is ever in a ban's way.</summary>
internal sealed class BanWatch(Pipeline pipeline, CurrentBans bans, TimeProvider clock)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    // Ends change nothing else.
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    private long _version = -1;
    private DateTimeOffset _looked;

    /// <summary>A part for the supervisor.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            if (await pipeline.InTurnAsync(() => Task.FromResult(Look(clock.GetUtcNow())), stop) is { } seen)
            {
                bans.Bans = [.. seen.OrderBy(static ban => ban.Subject)];
            }

            await Task.Delay(LookEvery, clock, stop);
        }
    }

    private List<OuterBan>? Look(DateTimeOffset now)
    {
        if (pipeline.Bans.Version == _version && now - _looked < LookAgain && now >= _looked)
        {
            return null;
        }

        (_version, _looked) = (pipeline.Bans.Version, now);

        // A throttle is for who may be innocent: no other firewall can let a login through.
        return [.. pipeline.Bans.At(now).Where(static entry => entry.Outcome == OutcomeKind.Enforced && !entry.Ban.Throttles).Select(static entry => new OuterBan(entry.Ban.Subject, entry.Ban.Until, entry.Ban.Rule))];
    }
}
