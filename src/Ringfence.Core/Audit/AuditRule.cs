using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit;

/// <summary>Looks through a PBX and yields each place where the rule is broken. What it can't be sure of it leaves out.</summary>
internal delegate IEnumerable<Fault> AuditCheck(PbxSnapshot pbx);

/// <summary>
/// A rule over configurations. <see cref="RuleInfo.Bad"/> and <see cref="RuleInfo.Good"/> are files: a line ";;; extensions.conf" begins one, ";;; fact sockets" what
/// a command printed (<see cref="HostFact"/>), and what stands above the first is <see cref="ExampleFile"/>. The lines of Bad that end with "; here" are those that the rule must find, no more and no less;
/// where it finds a whole file that line is the ";;; FILE" itself.
/// </summary>
internal sealed record AuditRule : RuleInfo
{
    public required AuditTopic Topic { get; init; }

    public required AuditCheck Check { get; init; }

    /// <summary>It can only be asked of a version whose options are known.</summary>
    public bool NeedsOptions { get; init; }

    public string ExampleFile { get; init; } = "pjsip.conf";

    /// <summary>The version that the examples are for.</summary>
    public AsteriskVersion ExampleVersion { get; init; } = AsteriskVersion.Assumed;
}
