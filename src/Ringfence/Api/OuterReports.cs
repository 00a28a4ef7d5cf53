namespace Ringfence.Api;

/// <param name="Steps">What was told one after the other, and what was answered.</param>
internal sealed record OuterTestReport(string Name, IReadOnlyList<OuterTestStep> Steps);

/// <param name="What">"ban" and "unban", or "with the example" and "without it" of a firewall that takes lists alone.</param>
/// <param name="Taken">It did it.</param>
/// <param name="Answer">What it said, or what went wrong.</param>
internal sealed record OuterTestStep(string What, bool Taken, string Answer);

/// <param name="Waiting">What it is told again from now on.</param>
internal sealed record OuterSyncReport(string Name, int Waiting);
