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
        return state.Problem is null ? await TextAsync("firewall-cmd", ["--list-all-zones"], FirewalldRules.Read, stop) : null;
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

        return await TextAsync($"{program}-save", [], text => IptablesRules.Read(program, text, sets, subject), stop);
    }

    public async Task<IReadOnlyList<Block>?> NftAsync(bool withOwn, CancellationToken stop)
    {
        var answer = await RunAsync("nft", ["-j", "list", "ruleset"], stop);
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

    /// <param name="directory">/proc/net/xt_recent; not there without the module.</param>
    public IReadOnlyList<Block> XtRecent(string directory)
    {
        try
        {
            return Directory.Exists(directory)
                ? [.. Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal).SelectMany(path => XtRecentList.Read(path, File.ReadAllText(path))).Where(block => block.Concerns(subject))]
                : [];
        }
        catch (IOException problem)
        {
            Miss("xt_recent", problem.Message);
            return [];
        }
        catch (UnauthorizedAccessException problem)
        {
            Miss("xt_recent", problem.Message);
            return [];
        }
    }

    public IReadOnlyList<Block> HostsDeny(string path)
    {
        try
        {
            return File.Exists(path) ? [.. Core.Blocks.HostsDeny.Read(path, File.ReadAllText(path)).Where(block => block.Concerns(subject))] : [];
        }
        catch (IOException problem)
        {
            Miss(path, problem.Message);
            return [];
        }
        catch (UnauthorizedAccessException problem)
        {
            Miss(path, problem.Message);
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

    private void Miss(string who, CommandAnswer answer) => Miss(who, $"{answer.Problem}{FirstLine(answer)}");

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
    public static string FirstLine(CommandAnswer answer) =>
        Text(answer.Errors).Split('\n').Select(line => line.Trim()).LastOrDefault(line => line.Length > 0) is { } line ? $": {line[..Math.Min(line.Length, 300)]}" : "";

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
