namespace Ringfence.Core.Pbx;

/// <summary>Files of which Asterisk reads nothing for a mistake in them.</summary>
internal static class RefusedFile
{
    /// <summary>In an included file such a mistake ends that file alone.</summary>
    public static bool Is(PbxSnapshot pbx, string file) => pbx.Config(file).Problems.Any(problem => problem.Place.File == file && IsSure(pbx, problem));

    /// <summary>It stops Asterisk. Of a copy of Asterisk's directory alone nobody knows what lies outside of it on the machine.</summary>
    public static bool IsSure(PbxSnapshot pbx, ConfigProblem problem) =>
        problem.StopsReading && !(pbx.IsPartial && problem.Text.StartsWith("#include /", StringComparison.Ordinal) && !problem.Text.StartsWith($"#include {pbx.Directory.TrimEnd('/')}/", StringComparison.Ordinal));
}
