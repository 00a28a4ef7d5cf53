using Ringfence.Core.Decisions;
using Ringfence.Core.Events;

namespace Ringfence.Daemon;

/// <summary>How a ban that the kernel alone knows ends for whoever is trusted in it, and goes on for his neighbours.</summary>
internal static class StrangersFreed
{
    // Each costs a piece for every bit between the two prefixes; the kernel's interval sets are slow to change.
    private const int MostParts = 64;

    /// <summary>The decisions that cut who is trusted out of a network; for <see cref="Pipeline.ActAsync"/>.</summary>
    /// <param name="stranger">The kernel's ban of a network.</param>
    /// <returns>None where it is better lifted as a whole: a host, one that a trusted network holds, one with many who are trusted.</returns>
    public static IReadOnlyList<Decision> CutOut(ActiveBan stranger, TrustList trust, DateTimeOffset now)
    {
        var subject = stranger.Subject;
        if (subject.IsHost)
        {
            return [];
        }

        List<TrustEntry> inside = [.. trust.Entries.Where(entry => subject.Contains(entry.Network)).Take(MostParts + 1)];
        if (inside.Count is 0 or > MostParts || trust.Entries.Any(entry => entry.Network.Contains(subject)))
        {
            return [];
        }

        List<Network> left = [subject];
        foreach (var part in inside.Select(entry => AsBanned(entry.Network)))
        {
            left = [.. left.SelectMany(piece => part.Contains(piece) ? [] : piece.Contains(part) ? piece.Without(part) : [piece])];
        }

        var reason = $"{subject} was banned in the kernel only; without {inside[0].Network} ({inside[0].Reason}){(inside.Count > 1 ? $" and {inside.Count - 1} more" : "")}";
        return
        [
            new Unban(0, now, subject, TrustList.Rule, reason) { Forgives = false },
            .. left.Select(piece => OfKernel(stranger with { Subject = piece }, now, reason)),
        ];
    }

    /// <summary>What the kernel alone bans, as a decision: by hand, as far as anybody knows, and so nothing that counts against its subject.</summary>
    public static Ban OfKernel(ActiveBan stranger, DateTimeOffset now, string reason) =>
        new(0, now, stranger.Subject, Operator.Rule, reason, stranger.Until, 0);

    // The kernel drops an IPv6 address with its /64.
    private static Network AsBanned(Network part) => part.First.Subject is var host && host.PrefixLength < part.PrefixLength ? host : part;
}
