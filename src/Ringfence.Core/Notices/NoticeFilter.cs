using Ringfence.Core.Rules;

namespace Ringfence.Core.Notices;

/// <summary>Who gets what.</summary>
/// <param name="Severity">The least that is told.</param>
internal sealed record NoticeFilter(Severity Severity, IReadOnlyList<NoticeKind> Kinds)
{
    public bool Passes(NoticeKind kind, Severity severity) => kind == NoticeKind.Test || (severity >= Severity && Kinds.Contains(kind));
}
