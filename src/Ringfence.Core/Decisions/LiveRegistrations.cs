using Ringfence.Core.Detection;
using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>Which phones are registered from where and until when, as HEP or the wire showed the PBX's answers: for a PBX that can't be asked. From any thread.</summary>
/// <remarks>
/// Only what proves its address makes one: a connection, or over UDP the nonce that the PBX sent there. So whoever is here had a password, and was where he said. Few for
/// each account, so that a thief with one password spares no more addresses than he could over Asterisk's own list (<see cref="ContactTrust"/>).
/// </remarks>
internal sealed class LiveRegistrations
{
    /// <summary>Accounts: those of a large PBX.</summary>
    public const int Capacity = 4_096;

    // Asterisk grants no more than maximum_expiration, 7,200 s if unset.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);
    private const int LongestName = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<Registration>> _accounts = new(StringComparer.Ordinal);

    /// <summary>Takes a login; what is no registration, or proves nothing, changes nothing.</summary>
    public void See(in PbxEvent seen)
    {
        if (seen is not { Kind: EventKind.LoginSucceeded, Origin: Origin.Sip, Proof: Proof.Proven, Expires: { } seconds } || seen.Detail.IsEmpty)
        {
            return;
        }

        // Whose contact it is (To). Who asks (From) may be anybody where an endpoint is known by its password's user name.
        var account = SafeText.From(seen.Detail[..Math.Min(seen.Detail.Length, LongestName)]);
        var until = seen.Time + TimeSpan.FromSeconds(Math.Min(seconds, Longest.TotalSeconds));
        lock (_lock)
        {
            if (!_accounts.TryGetValue(account, out var registrations))
            {
                if (seconds == 0 || !HasRoom(seen.Time))
                {
                    return;
                }

                _accounts[account] = registrations = [];
            }

            var source = seen.Source;
            registrations.RemoveAll(registration => registration.Source == source);
            if (seconds > 0)
            {
                registrations.Add(new Registration(source, seen.TimeTicks, until));
            }

            if (registrations.Count > ContactTrust.MaxPerEndpoint)
            {
                registrations.Remove(registrations.MinBy(registration => registration.Until));
            }

            if (registrations.Count == 0)
            {
                _accounts.Remove(account);
            }
        }
    }

    /// <summary>The clock was set back: who registered by the clock of before is registered no longer for it.</summary>
    public void SetBack(ClockStep step)
    {
        lock (_lock)
        {
            foreach (var registrations in _accounts.Values)
            {
                foreach (ref var registration in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(registrations))
                {
                    registration = step.IsOld(registration.AtTicks)
                        ? registration with { AtTicks = registration.AtTicks - step.ByTicks, Until = registration.Until - TimeSpan.FromTicks(step.ByTicks) }
                        : registration;
                }
            }
        }
    }

    /// <summary>Whom they make trusted now.</summary>
    public IReadOnlyList<TrustEntry> Entries(DateTimeOffset now)
    {
        lock (_lock)
        {
            return
            [
                .. _accounts.SelectMany(account => account.Value.Where(registration => registration.Until > now)
                    .Select(registration => new TrustEntry(Network.Of(registration.Source), $"registered contact of {account.Key}, as it was seen to log in", TrustSource.Contact))),
            ];
        }
    }

    private bool HasRoom(DateTimeOffset now)
    {
        if (_accounts.Count < Capacity)
        {
            return true;
        }

        foreach (var account in _accounts.Where(account => account.Value.TrueForAll(registration => registration.Until <= now)).Select(account => account.Key).ToList())
        {
            _accounts.Remove(account);
        }

        return _accounts.Count < Capacity;
    }

    private readonly record struct Registration(Address Source, long AtTicks, DateTimeOffset Until);
}
