using System.Text;
using System.Text.Json;
using Ringfence.Core.Blocks;
using Ringfence.Core.Events;
using Ringfence.Sources;

namespace Ringfence.Blocks;

/// <summary>Asks each of the others whether it blocks an address: programs with a list of arguments and a bounded time, files as they are.</summary>
/// <remarks>A list is null where there is none to ask: it is not installed, does not run, or did not answer; the last is in <see cref="Unknown"/>.</remarks>
internal sealed class OtherBlockers(Network subject, TimeSpan patience, TimeProvider clock)
{
    private const string OwnTable = "inet ringfence";

    private readonly List<string> _unknown = [];
    private readonly Dictionary<string, IReadOnlyList<RecentRule>> _recent = new(StringComparer.Ordinal);

    /// <summary>Who could not be asked and why.</summary>
    public IReadOnlyList<string> Unknown
    {
        get
        {
            lock (_unknown)
            {
                return [.. _unknown];
            }
        }
    }

    public async Task<IReadOnlyList<Block>?> Fail2banAsync(CancellationToken stop)
    {
        var answer = await RunAsync("fail2ban-client", ["banned"], stop);
        if (answer.Problem is not null)
        {
            // "Failed to access socket path: ... Is fail2ban running?"
            if (!answer.IsMissing && !Text(answer.Errors).Contains("Is fail2ban running", StringComparison.Ordinal))
            {
                Miss("fail2ban", answer);
            }

            return null;
        }

        if (Fail2banBans.Read(Text(answer.Output)) is not { } bans)
        {
            Miss("fail2ban", "its answer is not understood");
            return null;
        }

        var blocks = new List<Block>();
        foreach (var jail in bans.GroupBy(ban => ban.Jail))
        {
            var concerned = jail.Where(ban => ban.Subject.Contains(subject) || subject.Contains(ban.Subject)).ToList();
            if (concerned.Count == 0)
            {
                continue;
            }

            var times = Text((await RunAsync("fail2ban-client", ["get", jail.Key, "banip", "--with-time"], stop)).Output);
            foreach (var ban in concerned)
            {
                var time = Fail2banBans.TimeOf(times, ban.Id, clock.LocalTimeZone.GetUtcOffset);
                blocks.Add(new Block(
                    BlockKind.Fail2ban, $"fail2ban, jail {jail.Key}", ban.Subject, time?.Since,
                    time is not { } known ? "" : known.Until.StartsWith("9999", StringComparison.Ordinal) ? "for ever" : $"until {known.Until}",
                    ["fail2ban-client", "set", jail.Key, "unbanip", ban.Id]));
            }
        }

        return blocks;
    }

    public async Task<IReadOnlyList<Block>?> CrowdsecAsync(CancellationToken stop)
    {
        var isOne = subject.PrefixLength == (subject.IsIPv4 ? 32 : 128);

        // By itself it leaves out what the community's list decided, which its bouncers block all the same (asked of 1.4.6: include_capi=false).
        var answer = await RunAsync("cscli", ["decisions", "list", "--all", isOne ? "--ip" : "--range", $"{subject}", "-o", "json"], stop);
        if (answer.Problem is not null)
        {
            if (!answer.IsMissing)
            {
                Miss("CrowdSec", answer);
            }

            return null;
        }

        try
        {
            return [.. CrowdsecDecisions.Read(answer.Output).Where(block => block.Concerns(subject))];
        }
        catch (JsonException)
        {
            Miss("CrowdSec", "its answer is not understood");
            return null;
        }
    }

    public async Task<IReadOnlyList<Block>?> UfwAsync(CancellationToken stop)
    {
        var status = await RunAsync("ufw", ["status"], stop);
        if (status.Problem is not null || !Text(status.Output).StartsWith("Status: active", StringComparison.Ordinal))
        {
            if (status is { Problem: not null, IsMissing: false })
            {
                Miss("ufw", status);
            }

            return null;
        }

        return await TextAsync("ufw", ["show", "added"], UfwRules.Read, stop);
    }

    public async Task<IReadOnlyList<Block>?> FirewalldAsync(CancellationToken stop)
    {
        var state = await RunAsync("firewall-cmd", ["--state"], stop);
        if (state.Problem is not null)
        {
            // "not running"; without a system bus it can't run: "DBUS_ERROR: Failed to connect to socket /run/dbus/system_bus_socket: No such file or directory" (1.3.3).
            var said = Text(state.Output) + Text(state.Errors);
            if (!state.IsMissing && !said.Contains("not running", StringComparison.Ordinal) && !said.Contains("bus_socket: No such file", StringComparison.Ordinal))
            {
                Miss("firewalld", state);
            }

            return null;
        }

        var blocks = new List<Block>();
        foreach (var (list, option) in ((string, string)[])[("--list-all-zones", "--zone"), ("--list-all-policies", "--policy")])
        {
            var answer = await RunAsync("firewall-cmd", [list], stop);
            if (answer.Problem is not null)
            {
                // Before 0.9 there are no policies: "unrecognized arguments".
                if (option == "--zone" || !Text(answer.Errors).Contains("unrecognized arguments", StringComparison.Ordinal))
                {
                    Miss("firewalld", answer);
                }

                continue;
            }

            var text = Text(answer.Output);
            blocks.AddRange(FirewalldRules.Read(text, option));
            foreach (var (set, where) in FirewalldRules.Sets(text, option))
            {
                blocks.AddRange(await TextAsync("firewall-cmd", [$"--ipset={set}", "--get-entries"], entries => FirewalldRules.Entries(set, where, entries), stop) ?? []);
            }
        }

        return [.. blocks.Where(block => block.Concerns(subject))];
    }

    /// <param name="program">iptables or ip6tables.</param>
    public async Task<IReadOnlyList<Block>?> IptablesAsync(string program, CancellationToken stop)
    {
        IpSets? sets = null;
        var saved = await RunAsync("ipset", ["save"], stop);
        if (saved.Problem is null)
        {
            sets = IpSets.Read(Text(saved.Output));
        }
        else if (!saved.IsMissing)
        {
            Miss("ipset", saved);
        }

        var answer = await RunAsync($"{program}-save", [], stop);
        if (answer.Problem is not null)
        {
            if (!answer.IsMissing)
            {
                Miss($"{program}-save", answer);
            }

            return null;
        }

        List<Block> blocks = [.. Rules(program, answer, sets)];

        // "# Warning: iptables-legacy tables present, use iptables-legacy-save to see them" (1.8.9): the kernel goes through both, and nft shows these neither.
        if (Text(answer.Errors).Contains("legacy tables present", StringComparison.Ordinal))
        {
            var legacy = await RunAsync($"{program}-legacy-save", [], stop);
            if (legacy.Problem is not null)
            {
                Miss($"{program}-legacy-save", legacy);
            }

            blocks.AddRange(Rules($"{program}-legacy", legacy, sets));
        }

        return blocks;
    }

    private List<Block> Rules(string program, CommandAnswer answer, IpSets? sets)
    {
        var text = Text(answer.Output);
        lock (_unknown)
        {
            var family = program.StartsWith("ip6", StringComparison.Ordinal) ? "ip6tables" : "iptables";
            _recent[family] = [.. _recent.GetValueOrDefault(family) ?? [], .. IptablesRules.RecentLists(text)];
        }

        return [.. IptablesRules.Read(program, text, sets, subject).Where(block => block.Concerns(subject))];
    }

    public async Task<IReadOnlyList<Block>?> NftAsync(bool withOwn, CancellationToken stop)
    {
        var answer = await NftListing.ReadAsync(arguments => RunAsync("nft", arguments, stop));
        if (answer.Problem is not null)
        {
            if (!answer.IsMissing)
            {
                Miss("nftables", answer);
            }

            return null;
        }

        try
        {
            return [.. NftRules.Read(answer.Output, table => withOwn || table != OwnTable).Where(block => block.Concerns(subject))];
        }
        catch (JsonException)
        {
            Miss("nftables", "its answer is not understood");
            return null;
        }
    }

    /// <summary>To be asked behind iptables, whose rules say what being in a list means.</summary>
    /// <param name="directory">/proc/net/xt_recent; not there without the module.</param>
    public IReadOnlyList<Block> XtRecent(string directory, string timerList) => FromFiles("xt_recent", () =>
    {
        var blocks = new List<Block>();
        foreach (var path in Directory.Exists(directory) ? Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            var text = File.ReadAllText(path);
            if (!XtRecentList.Holds(text, subject))
            {
                continue;
            }

            if (_recent.GetValueOrDefault(subject.IsIPv4 ? "iptables" : "ip6tables") is { } rules)
            {
                blocks.AddRange(XtRecentList.Read(path, text, rules, TicksOf(timerList)).Where(block => block.Concerns(subject)));
            }
            else
            {
                Miss($"xt_recent, list {XtRecentList.NameOf(path)}", "it holds the address, and the rules of iptables, which say what that means, can't be read");
            }
        }

        return blocks;
    });

    public IReadOnlyList<Block> Hosts(string allow, string deny) => FromFiles(deny, () =>
        [.. Core.Blocks.HostsDeny.Read([(allow, TextOf(allow), false), (deny, TextOf(deny), true)], subject).Where(block => block.Concerns(subject))]);

    private static string TextOf(string path) => File.Exists(path) ? File.ReadAllText(path) : "";

    // Root's alone. Whoever may not read it may not write to a list either.
    private static KernelTicks? TicksOf(string timerList)
    {
        try
        {
            return KernelTicks.Parse(TextOf(timerList));
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private IReadOnlyList<Block> FromFiles(string who, Func<IReadOnlyList<Block>> read)
    {
        try
        {
            return read();
        }
        catch (IOException problem)
        {
            Miss(who, problem.Message);
            return [];
        }
        catch (UnauthorizedAccessException problem)
        {
            Miss(who, problem.Message);
            return [];
        }
    }

    private async Task<IReadOnlyList<Block>?> TextAsync(string program, IReadOnlyList<string> arguments, Func<string, IEnumerable<Block>> read, CancellationToken stop)
    {
        var answer = await RunAsync(program, arguments, stop);
        if (answer.Problem is null)
        {
            return [.. read(Text(answer.Output)).Where(block => block.Concerns(subject))];
        }

        if (!answer.IsMissing)
        {
            Miss(program, answer);
        }

        return null;
    }

    private Task<CommandAnswer> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken stop) => ShortCommand.RunAsync(program, arguments, patience, clock, stop);

    private void Miss(string who, CommandAnswer answer) => Miss(who, $"{answer.Problem}{LastLine(answer)}");

    private void Miss(string who, string why)
    {
        lock (_unknown)
        {
            var missed = $"{who} could not be asked: {why}";
            if (!_unknown.Contains(missed))
            {
                _unknown.Add(missed);
            }
        }
    }

    /// <returns>What a program complained of, behind a colon; empty: nothing.</returns>
    public static string LastLine(CommandAnswer answer) =>
        Text(answer.Errors).Split('\n').Select(line => line.Trim()).LastOrDefault(line => line.Length > 0) is { } line ? $": {line[..Math.Min(line.Length, 300)]}" : "";

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
