using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ringfence.Core.Perimeter;

/// <summary>What the table of the policy holds, as far as it decides what to do next.</summary>
/// <param name="Confirmed">The generation whose rules hold when nothing is on trial; null: none, and everything passes.</param>
/// <param name="OnTrial">The generation that was applied last and not confirmed; its time may be over.</param>
/// <param name="TrialLeft">How long the kernel still asks it; null: its time is over.</param>
/// <param name="Parts">Names of all sets and chains.</param>
internal sealed record PolicyState(string? Confirmed, string? OnTrial, TimeSpan? TrialLeft, IReadOnlyList<(bool IsSet, string Name)> Parts)
{
    public static readonly PolicyState None = new(null, null, null, []);

    /// <summary><see cref="PolicyScripts.MarkOf(Policy)"/> of the confirmed one, as the kernel holds it.</summary>
    public string? ConfirmedMark { get; init; }

    /// <summary>The same of the one that was tried last.</summary>
    public string? TrialMark { get; init; }

    /// <summary>The kernel's number of the table, another one whenever it is made anew.</summary>
    public long Table { get; init; }

    /// <summary>Chains of countries into which nothing was filled since they were made.</summary>
    public IReadOnlyList<string> Unfilled { get; init; } = [];

    /// <summary>Zones of the confirmed policy, and of one on trial, that lack their countries: who is in one that is closed is not known, and so nobody passes there but by name.</summary>
    public IReadOnlyList<string> MissingCountries => [.. Unfilled.Where(chain => GenerationOf(chain) is { } generation && (generation == Confirmed || (generation == OnTrial && TrialLeft is not null)))
        .Select(GeoChains.ZoneOf).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>What going back means now.</summary>
    /// <param name="hasPrevious">Whether another policy was confirmed before the one in force.</param>
    public PolicyWayBack WayBack(bool hasPrevious) => TrialLeft is not null ? PolicyWayBack.EndTrial : hasPrevious ? PolicyWayBack.Previous : Confirmed is null ? PolicyWayBack.NothingHolds : PolicyWayBack.NonePrevious;

    /// <summary>Of each generation what its rules are (<see cref="PolicyFingerprint"/>).</summary>
    public IReadOnlyDictionary<string, string> Rules { get; init; } = new Dictionary<string, string>();

    /// <summary>The chain with the hook is where it was made, and has our rules and no others.</summary>
    public bool HasOwnHook { get; init; }

    /// <summary>Of the confirmed generation what its rules are; null: none is confirmed.</summary>
    public string? ConfirmedRules => Confirmed is null ? null : Rules.GetValueOrDefault(Confirmed, "");

    /// <summary>A name that no generation in the table has.</summary>
    public string Next => $"g{Parts.Select(static part => GenerationOf(part.Name) is { } generation ? int.Parse(generation.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture) : 0).DefaultIfEmpty(0).Max() + 1}";

    /// <returns>"g7" of "g7_zone_phones4"; null: it belongs to none.</returns>
    public static string? GenerationOf(string part) =>
        part.StartsWith('g') && part.IndexOf('_', StringComparison.Ordinal) is > 1 and < 9 and var end && int.TryParse(part.AsSpan(1, end - 1), NumberStyles.None, CultureInfo.InvariantCulture, out _) ? part[..end] : null;
}

/// <summary>What going back from a policy means.</summary>
internal enum PolicyWayBack
{
    /// <summary>The kernel goes back at once to what was confirmed, as it would when the time is over.</summary>
    EndTrial,

    /// <summary>To what was confirmed before the one in force; also where the trial of another one has ended by itself.</summary>
    Previous,

    /// <summary>The one in force is the first.</summary>
    NonePrevious,

    NothingHolds,
}

/// <summary>The transactions of commit and confirm, as scripts of nft.</summary>
/// <remarks>
/// The kernel itself goes back. The hook's chain asks first whether set <c>trial</c> has an element of the packet's family, and goes to the new
/// generation while it has; the elements have a timeout. Behind that stands the generation that was confirmed last, or nothing. So it takes no process, no clock of the
/// machine and no cron job to undo a policy that locked everybody out, and none of them can fail.
/// </remarks>
internal static class PolicyScripts
{
    // The generation of a script that replaces the table.
    private const string Loaded = "g1";

    private const string MarkSign = "policy ";
    private const string Chain = $"inet {NftPolicy.Table} {NftPolicy.Arriving}";

    /// <summary>Makes a generation's sets and chains, to which no packet comes yet.</summary>
    public static string Make(Policy policy, string generation)
    {
        var script = new StringBuilder();
        NftPolicy.AppendBase(script);
        NftPolicy.AppendGeneration(script, policy, generation);
        return script.ToString();
    }

    /// <summary>Takes a generation out to which no packet comes.</summary>
    public static string Drop(PolicyState state, string generation)
    {
        var script = new StringBuilder();
        AppendRemoval(script, state, part => part == generation);
        return script.ToString();
    }

    /// <summary>What tells a policy from another: it stands in its script, and behind the rule of the kernel that leads to it.</summary>
    public static string MarkOf(Policy policy)
    {
        var text = new StringBuilder();
        NftPolicy.AppendGeneration(text, policy, Loaded);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 8));
    }

    /// <returns>That of a script of <see cref="Load"/>; null: it is none.</returns>
    public static string? MarkIn(string script) => script.LastIndexOf(MarkSign, StringComparison.Ordinal) is >= 0 and var at && script.IndexOf('"', at) is > 0 and var end ? script[(at + MarkSign.Length)..end] : null;

    /// <summary>Puts a generation that was made on trial, in place of one that is.</summary>
    /// <param name="mark"><see cref="MarkOf"/> of its policy.</param>
    public static string Try(PolicyState state, string generation, string mark, TimeSpan trial)
    {
        var script = new StringBuilder();
        script.Append(CultureInfo.InvariantCulture, $"flush set inet {NftPolicy.Table} {NftPolicy.Trial}\n");
        script.Append(CultureInfo.InvariantCulture, $"flush chain {Chain}\n");
        AppendTrial(script, generation, mark);
        AppendConfirmed(script, state.Confirmed, state.ConfirmedMark);
        var seconds = (long)Math.Ceiling(trial.TotalSeconds);
        script.Append(CultureInfo.InvariantCulture, $"add element inet {NftPolicy.Table} {NftPolicy.Trial} {{ ipv4 timeout {seconds}s, ipv6 timeout {seconds}s }}\n");
        AppendRemoval(script, state, part => part != generation && part != state.Confirmed);
        return script.ToString();
    }

    /// <summary>Makes what is on trial the policy.</summary>
    public static string Confirm(PolicyState state)
    {
        var script = new StringBuilder();
        script.Append(CultureInfo.InvariantCulture, $"flush set inet {NftPolicy.Table} {NftPolicy.Trial}\n");
        script.Append(CultureInfo.InvariantCulture, $"flush chain {Chain}\n");
        AppendConfirmed(script, state.OnTrial, state.TrialMark);
        AppendRemoval(script, state, part => part != state.OnTrial);
        return script.ToString();
    }

    /// <summary>Goes back to what was confirmed last, or to no policy at all.</summary>
    public static string EndTrial(PolicyState state)
    {
        if (state.Confirmed is null)
        {
            return $"delete table inet {NftPolicy.Table}\n";
        }

        var script = new StringBuilder();
        script.Append(CultureInfo.InvariantCulture, $"flush set inet {NftPolicy.Table} {NftPolicy.Trial}\n");
        script.Append(CultureInfo.InvariantCulture, $"flush chain {Chain}\n");
        AppendConfirmed(script, state.Confirmed, state.ConfirmedMark);
        AppendRemoval(script, state, part => part != state.Confirmed);
        return script.ToString();
    }

    /// <summary>Makes a generation anew from the script of a policy (<see cref="Load"/>), beside what is there.</summary>
    public static string MakeAgain(string script, string generation)
    {
        // Not the hours in which packets pass that can't begin a connection: this kernel tracked them all the time.
        string[] others = [$"add table inet {NftPolicy.Table}", $"delete table inet {NftPolicy.Table}", $"flush set inet {NftPolicy.Table} {NftPolicy.Settling}", $"add element inet {NftPolicy.Table} {NftPolicy.Settling} ", $"add rule {Chain} "];
        return string.Join('\n', script.Split('\n').Where(line => !others.Any(other => line.StartsWith(other, StringComparison.Ordinal)))
            .Select(line => line.Replace($" {Loaded}_", $" {generation}_", StringComparison.Ordinal).Replace($"@{Loaded}_", $"@{generation}_", StringComparison.Ordinal)));
    }

    /// <summary>Has a generation that was made anew take the place of the confirmed one, whatever somebody did to that; a trial goes on, and doors stay open.</summary>
    public static string PutBack(PolicyState state, string generation)
    {
        var script = new StringBuilder();
        script.Append(CultureInfo.InvariantCulture, $"flush chain {Chain}\n");
        var trial = state.OnTrial is { } tried && state.Parts.Contains((false, NftPolicy.EntryOf(tried))) ? tried : null;
        AppendTrial(script, trial, state.TrialMark);
        AppendConfirmed(script, generation, state.ConfirmedMark);
        AppendRemoval(script, state, part => part != generation && part != trial);
        return script.ToString();
    }

    /// <summary>Fills the sets of names and trunks of the confirmed generation.</summary>
    /// <param name="unsure">Zones that keep what they have.</param>
    /// <returns>"" where there is none.</returns>
    public static string Renew(PolicyState state, Policy policy, IReadOnlyCollection<string>? unsure = null)
    {
        var script = new StringBuilder();
        foreach (var zone in policy.Zones.Where(zone => state.Confirmed is not null && unsure?.Contains(zone.Name) != true))
        {
            NftPolicy.AppendRenewal(script, zone, state.Confirmed!, state.Parts);
        }

        return script.ToString();
    }

    /// <summary>Lets phones in wherever they are, for so long.</summary>
    /// <param name="door">One of <see cref="NftPolicy.Doors"/>.</param>
    public static string Open(string door, IReadOnlyCollection<Events.Address> addresses, TimeSpan time)
    {
        var script = new StringBuilder();
        foreach (var family in addresses.GroupBy(static address => address.IsIPv4))
        {
            var set = $"{door}{(family.Key ? 4 : 6)}";

            // Before Linux 6.12 an addition leaves the end of one that is there as it was: so out, and in anew; both in one transaction.
            script.Append(CultureInfo.InvariantCulture, $"add element inet {NftPolicy.Table} {set} {{ {string.Join(", ", family)} }}\n");
            script.Append(CultureInfo.InvariantCulture, $"delete element inet {NftPolicy.Table} {set} {{ {string.Join(", ", family)} }}\n");
            script.Append(CultureInfo.InvariantCulture, $"add element inet {NftPolicy.Table} {set} {{ {string.Join(", ", family.Select(address => string.Create(CultureInfo.InvariantCulture, $"{address} timeout {(long)time.TotalSeconds}s")))} }}\n");
        }

        return script.ToString();
    }

    /// <summary>Takes addresses out of a door, whether they are in it or not.</summary>
    public static string Shut(string door, IReadOnlyCollection<Events.Address> addresses)
    {
        var script = new StringBuilder();
        foreach (var family in addresses.GroupBy(static address => address.IsIPv4))
        {
            // Taking out wants it there.
            foreach (var verb in (string[])["add", "delete"])
            {
                script.Append(CultureInfo.InvariantCulture, $"{verb} element inet {NftPolicy.Table} {door}{(family.Key ? 4 : 6)} {{ {string.Join(", ", family)} }}\n");
            }
        }

        return script.ToString();
    }

    /// <summary>A policy alone, for the next start of the machine: whatever the table holds is replaced.</summary>
    public static string Load(Policy policy)
    {
        var script = new StringBuilder();

        // Deleting a table that is not there fails.
        script.Append(CultureInfo.InvariantCulture, $"add table inet {NftPolicy.Table}\ndelete table inet {NftPolicy.Table}\n");
        NftPolicy.AppendBase(script);
        NftPolicy.AppendGeneration(script, policy, Loaded);
        AppendConfirmed(script, Loaded, MarkOf(policy));
        return script.ToString();
    }

    private static void AppendTrial(StringBuilder script, string? generation, string? mark)
    {
        if (generation is not null)
        {
            script.Append(CultureInfo.InvariantCulture, $"add rule {Chain} meta nfproto @{NftPolicy.Trial} goto {NftPolicy.EntryOf(generation)} comment \"{MarkSign}{mark}\"\n");
        }
    }

    private static void AppendConfirmed(StringBuilder script, string? generation, string? mark)
    {
        if (generation is not null)
        {
            script.Append(CultureInfo.InvariantCulture, $"add rule {Chain} goto {NftPolicy.EntryOf(generation)} comment \"{MarkSign}{mark}\"\n");
        }
    }

    // What a killed apply left goes too.
    private static void AppendRemoval(StringBuilder script, PolicyState state, Func<string, bool> isGone)
    {
        var parts = NftPolicy.InOrder(state.Parts.Where(part => PolicyState.GenerationOf(part.Name) is { } generation && isGone(generation))).ToList();
        foreach (var (_, name) in parts.Where(static part => !part.IsSet))
        {
            script.Append(CultureInfo.InvariantCulture, $"flush chain inet {NftPolicy.Table} {name}\n");
        }

        foreach (var (isSet, name) in parts)
        {
            script.Append(CultureInfo.InvariantCulture, $"delete {(isSet ? "set" : "chain")} inet {NftPolicy.Table} {name}\n");
        }
    }
}
