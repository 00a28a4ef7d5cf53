using Ringfence.Core.Pbx;

namespace Ringfence.Tests.Audit;

/// <summary>A PBX after some edits.</summary>
internal static class Mended
{
    public static PbxSnapshot Of(PbxSnapshot pbx, IEnumerable<FileEdit> edits) =>
        pbx.With(new EditedFiles(pbx, edits.ToLookup(edit => edit.File.StartsWith('/') ? edit.File : $"{pbx.Directory}/{edit.File}")));

    private sealed class EditedFiles(PbxSnapshot pbx, ILookup<string, FileEdit> edits) : IConfigFiles
    {
        public IReadOnlyList<string> Match(string pattern) => pbx.Files.Match(pattern);

        public byte[]? Read(string path) => edits.Contains(path) ? EditedFile.Apply(pbx.Files.Read(path), [.. edits[path]]) : pbx.Files.Read(path);
    }
}
