using Ringfence.Core.Numbers;

namespace Ringfence.Core.Fraud;

/// <summary>Which limits of a policy look at a call, a bit for each: every part of the filters looked up once for each name that comes.</summary>
internal sealed class LimitMasks
{
    // Names of trunks, classes and countries are few; where a PBX has more they are looked at each time.
    private const int MaxNames = 1000;

    private readonly CallPolicy _policy;
    private readonly Dictionary<string, ulong> _trunks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ulong> _classes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ulong> _regions = new(StringComparer.Ordinal);
    private readonly ulong[] _origins;
    private readonly ulong[] _hours;
    private readonly ulong[] _standings;
    private readonly ulong _all;
    private readonly ulong _notRisky;
    private readonly ulong _notAbroad;
    private readonly ulong _notInvalid;
    private readonly ulong _notListed;
    private readonly bool _hasTrunks;

    public LimitMasks(CallPolicy policy)
    {
        _policy = policy;
        _all = Mask(static _ => true);
        _notRisky = Mask(static limit => !limit.Calls.RiskyOnly);
        _notAbroad = Mask(static limit => !limit.Calls.AbroadOnly);
        _notInvalid = Mask(static limit => !limit.Calls.InvalidOnly);
        _notListed = Mask(static limit => !limit.Calls.ListedOnly);
        _hasTrunks = policy.Limits.Any(static limit => limit.Calls.Trunks.Count > 0);
        _origins = [.. Enum.GetValues<CallOrigin>().Select(origin => Mask(limit => limit.Calls.Origins.Count == 0 || limit.Calls.Origins.Contains(origin)))];
        _hours = [Mask(static limit => limit.Hours != LimitHours.Work), Mask(static limit => limit.Hours != LimitHours.Off)];
        _standings = [.. Enum.GetValues<Standing>().Select(standing => Mask(limit => standing >= limit.Calls.NewTo))];
    }

    /// <summary>The part that an extension's name decides.</summary>
    public ulong OfExtension(string name) => Mask(limit => limit.Calls.HoldsExtension(name));

    /// <param name="extension">What <see cref="OfExtension"/> says.</param>
    public ulong Of(in CallAttempt attempt, ulong extension, long at, Standing standing)
    {
        if (attempt.Dialled.Kind is DialledKind.Emergency or DialledKind.Internal)
        {
            return 0;
        }

        var mask = extension & _origins[(int)attempt.Origin] & _hours[_policy.Hours.Holds(at) ? 1 : 0] & _standings[(int)standing] & Class(attempt.Price.Risk.Name) & Region(attempt.Number.Region ?? "");
        mask &= _hasTrunks ? Trunk(attempt.Trunk) : _all;
        mask &= attempt.IsRisky ? _all : _notRisky;
        mask &= CallFilter.IsAbroad(attempt, _policy.Home) ? _all : _notAbroad;
        mask &= CallFilter.IsInvalid(attempt, _policy.Home) ? _all : _notInvalid;
        return mask & (attempt.Dialled.Kind == DialledKind.Outside && _policy.Listed.Contains(attempt.Number.Digits) ? _all : _notListed);
    }

    // What is looked up is apart from what is not known yet: a lambda that holds the name is made wherever its method is entered, and that for each call.
    private ulong Trunk(string name) => _trunks.TryGetValue(name, out var mask) ? mask : NewTrunk(name);

    private ulong Class(string name) => _classes.TryGetValue(name, out var mask) ? mask : NewClass(name);

    private ulong Region(string name) => _regions.TryGetValue(name, out var mask) ? mask : NewRegion(name);

    private ulong NewTrunk(string name) => Remember(_trunks, name, Mask(limit => CallFilter.Named(limit.Calls.Trunks, name)));

    private ulong NewClass(string name) => Remember(_classes, name, Mask(limit => limit.Calls.HoldsClass(name)));

    private ulong NewRegion(string name) => Remember(_regions, name, Mask(limit => limit.Calls.HoldsRegion(name)));

    private static ulong Remember(Dictionary<string, ulong> masks, string name, ulong mask)
    {
        if (masks.Count < MaxNames)
        {
            masks[name] = mask;
        }

        return mask;
    }

    private ulong Mask(Func<CallLimit, bool> holds)
    {
        var mask = 0UL;
        for (var at = 0; at < _policy.Limits.Count; at++)
        {
            mask |= holds(_policy.Limits[at]) ? 1UL << at : 0;
        }

        return mask;
    }
}
