using System.Globalization;
using System.Text;
using System.Text.Json;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Ringfence.Core.Perimeter;
using Ringfence.Sources;

namespace Ringfence.Perimeter;

/// <summary>Who uses this machine now: the administrator, registered phones, trunks.</summary>
/// <param name="Problems">Whom nobody could be asked about, a sentence each.</param>
internal sealed record DependentSurvey(IReadOnlyList<Dependent> Dependents, IReadOnlyList<string> Problems)
{
    // A shell stands a few processes above: sudo, su, screen.
    private const int MaxAncestors = 32;

    private const string SessionVariable = "SSH_CONNECTION=";

    /// <param name="names">What names stand for.</param>
    /// <param name="asterisk">The program that asks the running Asterisk.</param>
    public static async Task<DependentSurvey> TakeAsync(RingfenceConfig config, NameAnswers names, TimeProvider clock, CancellationToken stop, string asterisk = "asterisk")
    {
        var found = new List<Dependent>();
        var problems = new List<string>();
        if (OwnSession() is { } session)
        {
            found.Add(new Dependent("this ssh session", [session.Peer], Dependent.Ssh, session.Port));
        }

        found.AddRange(new SshPeers(clock).Read().Where(peer => peer != (OwnSession()?.Peer ?? default)).Select(static peer => new Dependent("ssh session", [peer], Dependent.Ssh)));
        var files = new ConfigDirectory();
        foreach (var host in Trunks.Read(config.AsteriskDirectory, files).Hosts)
        {
            var addresses = host.Network is { } network ? [network.First] : names.AddressesOf(host.Name!);
            found.Add(new Dependent(addresses.Count > 0 ? host.Origin : $"{host.Origin}: {Shown.Text(host.Name!)} has no address now", addresses, [.. Dependent.Sip, "iax"]));
        }

        if (files.Read(Path.Combine(config.AsteriskDirectory, "asterisk.conf")) is not null)
        {
            var reading = await new RegisteredContacts(new AsteriskCli(asterisk, config.AsteriskDirectory, clock)).ReadAsync(stop);
            found.AddRange(reading.Contacts.Select(static contact => new Dependent(
                $"phone {Shown.Text(contact.Endpoint)}", [.. ((Address?[])[contact.UriHost, contact.ViaHost]).OfType<Address>()], Dependent.Sip)).Where(static phone => phone.Addresses.Count > 0));
            if (reading.Problem is not null)
            {
                problems.Add($"which phones are registered is not known ({reading.Problem})");
            }
        }

        return new DependentSurvey(found, problems);
    }

    /// <summary>By which interface packets to an address leave, and so from it come in.</summary>
    /// <returns>"" where there is no way.</returns>
    public static async Task<string> InterfaceOfAsync(Address address, TimeProvider clock, CancellationToken stop)
    {
        var answer = await ShortCommand.RunAsync("ip", ["-j", "route", "get", address.ToString()], clock, stop);
        try
        {
            using var routes = JsonDocument.Parse(answer.Problem is null ? answer.Output.AsMemory() : "[]"u8.ToArray());
            return routes.RootElement.ValueKind == JsonValueKind.Array ? routes.RootElement.EnumerateArray().Select(static route => route.TryGetProperty("dev", out var dev) ? dev.GetString() : null).FirstOrDefault() ?? "" : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }

    /// <summary>Where the shell that runs this came from by ssh, and when that session began; null: it did not.</summary>
    /// <remarks>sshd tells its shell in SSH_CONNECTION (ssh(1)); sudo takes it away, so the processes above are asked too.</remarks>
    public static SshSession? OwnSession()
    {
        var process = Environment.ProcessId;
        for (var above = 0; above < MaxAncestors && process > 1; above++)
        {
            if (Variable(process) is { } value && value.Split(' ') is [var peer, _, _, var port] && Address.Parse(peer.Split('%')[0]) is { } address
                && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return new SshSession(address, number, OldestWith(process, value));
            }

            process = Stat(process)?.Parent ?? 0;
        }

        return null;
    }

    // The session is as old as the first process that was told of it.
    private static long OldestWith(int process, string value)
    {
        var started = Stat(process)?.Started ?? 0;
        while (Stat(process)?.Parent is > 1 and var parent && Variable(parent) == value)
        {
            process = parent;
            started = Stat(process)?.Started ?? started;
        }

        return started;
    }

    private static string? Variable(int process)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{process}/environ")).Split('\0').FirstOrDefault(static entry => entry.StartsWith(SessionVariable, StringComparison.Ordinal))?[SessionVariable.Length..];
        }
        catch (Exception unreadable) when (FileTrouble.Is(unreadable))
        {
            return null;
        }
    }

    // "PID (NAME) STATE PPID ..."; the name may hold anything, a ) too. Field 22 is when it began, in ticks since the boot (proc_pid_stat(5)).
    private static (int Parent, long Started)? Stat(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var parent) && long.TryParse(fields[19], NumberStyles.None, CultureInfo.InvariantCulture, out var started) ? (parent, started) : null;
        }
        catch (Exception unreadable) when (FileTrouble.Is(unreadable) || unreadable is IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}

/// <summary>An ssh session in which somebody types.</summary>
/// <param name="Peer">Where he is.</param>
/// <param name="Port">The port of sshd that he came to.</param>
/// <param name="Started">When it began, in ticks since the boot.</param>
internal sealed record SshSession(Address Peer, ushort Port, long Started);
