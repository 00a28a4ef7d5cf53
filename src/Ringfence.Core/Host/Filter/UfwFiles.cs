using System.Text;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Host.Filter;

/// <summary>The rules of ufw by its own files, for a copy of a machine that nobody asked for what its kernel holds.</summary>
/// <remarks>ufw-framework(8): packets go through ufw-before-input, then ufw-user-input, then ufw-after-input; what is left meets the default policy.</remarks>
internal static class UfwFiles
{
    /// <summary>Whether it is on.</summary>
    public const string Switch = "/etc/ufw/ufw.conf";

    /// <returns>As iptables-save and ip6tables-save would have it; null: it is off, or its files are not all there.</returns>
    public static (string IPv4, string IPv6)? Read(IConfigFiles files)
    {
        if (Value(files, Switch, "ENABLED") is not { } enabled || !enabled.Equals("yes", StringComparison.OrdinalIgnoreCase) || Value(files, "/etc/default/ufw", "DEFAULT_INPUT_POLICY") is not { } policy)
        {
            return null;
        }

        var isIPv6 = !string.Equals(Value(files, "/etc/default/ufw", "IPV6"), "no", StringComparison.OrdinalIgnoreCase);
        // Without IPV6=yes ufw drops all of IPv6 but loopback, whatever its files for it say.
        return (Text(files, "before.rules"), Text(files, "user.rules"), Text(files, "after.rules")) is ({ } before, { } user, { } after)
            ? !isIPv6 ? (Saved("ufw", policy, before, user, after), Saved("ufw6", "DROP", "", "", ""))
                : (Text(files, "before6.rules"), Text(files, "user6.rules"), Text(files, "after6.rules")) is ({ } before6, { } user6, { } after6)
                    ? (Saved("ufw", policy, before, user, after), Saved("ufw6", policy, before6, user6, after6))
                    : null
            : null;
    }

    private static string Saved(string name, string policy, string before, string user, string after)
    {
        var inOrder = (string[])[$"{name}-before-input", $"{name}-user-input", $"{name}-after-input"];
        // Those that ufw makes itself when it starts (ufw-init-functions): two that only write a log, and one that goes to the policy at once.
        var toPolicy = $"{name}-skip-to-policy-input";
        var chains = (string[])[.. inOrder, $"{name}-logging-deny", $"{name}-logging-allow", $"{name}-user-logging-input", toPolicy];
        var end = policy.Equals("ACCEPT", StringComparison.OrdinalIgnoreCase) ? "ACCEPT" : "DROP";
        var text = new StringBuilder($"*filter\n:INPUT {end} [0:0]\n");
        text.AppendJoin("", chains.Select(static chain => $":{chain} - [0:0]\n"));
        foreach (var line in (before + user + after).Split('\n').Select(static line => line.Trim()).Where(line => line.StartsWith(':') && !Array.Exists(chains, chain => line.StartsWith($":{chain} ", StringComparison.Ordinal))))
        {
            text.Append(line).Append('\n');
        }

        text.Append("-A INPUT -i lo -j ACCEPT\n");
        text.AppendJoin("", inOrder.Select(static chain => $"-A INPUT -j {chain}\n")).Append($"-A {toPolicy} -j {end}\n");
        foreach (var line in (before + user + after).Split('\n').Select(static line => line.Trim()).Where(static line => line.StartsWith("-A ", StringComparison.Ordinal)))
        {
            text.Append(line).Append('\n');
        }

        return text.Append("COMMIT\n").ToString();
    }

    // Only the table filter: what stands in nat or mangle stops nobody by itself.
    private static string? Text(IConfigFiles files, string name)
    {
        if (files.Read($"/etc/ufw/{name}") is not { } content)
        {
            return null;
        }

        var table = "filter";
        var text = new StringBuilder();
        foreach (var line in Encoding.UTF8.GetString(content).Split('\n'))
        {
            table = line.StartsWith('*') ? line[1..].Trim() : table;
            text.Append(table == "filter" ? line : "").Append('\n');
        }

        return text.ToString();
    }

    private static string? Value(IConfigFiles files, string path, string name) => files.Read(path) is { } content
        ? Encoding.UTF8.GetString(content).Split('\n').Select(static line => line.Trim()).Where(line => line.StartsWith(name + "=", StringComparison.Ordinal)).Select(line => line[(name.Length + 1)..].Trim('"', '\'', ' ')).LastOrDefault()
        : null;
}
