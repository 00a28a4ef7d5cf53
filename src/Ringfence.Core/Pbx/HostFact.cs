namespace Ringfence.Core.Pbx;

/// <summary>Something that a command on the PBX's machine prints and the audit reads. An auditor's archive may hold it as a file of that name under ringfence-facts/.</summary>
/// <param name="Name">"sockets".</param>
/// <param name="Command">What prints it, program and arguments.</param>
internal sealed record HostFact(string Name, IReadOnlyList<string> Command)
{
    /// <summary>Which Asterisk runs.</summary>
    public static readonly HostFact AsteriskVersion = new("asterisk-version", ["asterisk", "-rx", "core show version"]);

    /// <summary>When its machine was looked at, in UTC.</summary>
    public static readonly HostFact Time = new("time", ["date", "-u", "+%Y-%m-%dT%H:%M:%SZ"]);

    public static readonly IReadOnlyList<HostFact> All = [AsteriskVersion, Time];
}
