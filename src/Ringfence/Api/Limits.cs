using Ringfence.Core.Events;

namespace Ringfence.Api;

/// <summary>What a change by hand may say; the same for the verb, which checks first, and for the API, which trusts nobody.</summary>
internal static class Limits
{
    public const int MaxReasonLength = 200;

    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    /// <returns>What is wrong, for people; null: nothing.</returns>
    public static string? ProblemOf(BanRequest request) =>
        ProblemOf(request.Subject) ?? ProblemOfDuration(request.For) ?? ProblemOfReason(request.Reason);

    /// <inheritdoc cref="ProblemOf(BanRequest)"/>
    public static string? ProblemOf(TrustRequest request) =>
        ProblemOf(request.Subject) ?? ProblemOfDuration(request.For) ?? ProblemOfReason(request.Reason);

    // A slip of the finger (/2 for /24) must not ban, trust or free a quarter of the internet; nobody is assigned more than an IPv4 /8 or an IPv6 /16.
    /// <inheritdoc cref="ProblemOf(BanRequest)"/>
    public static string? ProblemOf(Network subject)
    {
        var least = subject.IsIPv4 ? 8 : 16;
        return subject.PrefixLength >= least ? null : $"{subject} is too wide: expected a prefix of /{least} or longer";
    }

    private static string? ProblemOfDuration(TimeSpan? duration) => duration is null || (duration >= Shortest && duration <= Longest)
        ? null
        : "the duration is out of range: expected 1 second to 3650 days, or for ever";

    private static string? ProblemOfReason(string reason) => reason.Length <= MaxReasonLength
        ? null
        : $"the reason is {reason.Length} characters long: expected at most {MaxReasonLength}";
}
