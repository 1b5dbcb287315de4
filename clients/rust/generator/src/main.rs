//! The protoc plugin of this client: prost's messages and tonic's stubs, one file for each package, for the files that it is
//! asked for. It reads a `CodeGeneratorRequest` and writes a `CodeGeneratorResponse`, as every protoc plugin does.

use std::collections::BTreeSet;
use std::error::Error;
use std::io::{Read, Write};
use std::path::Path;
use std::{env, fs, process};

use prost::Message;
use prost_types::FileDescriptorSet;
use prost_types::compiler::code_generator_response::File;
use prost_types::compiler::{CodeGeneratorRequest, CodeGeneratorResponse};

fn main() -> Result<(), Box<dyn Error>> {
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input)?;
    let request = CodeGeneratorRequest::decode(input.as_slice())?;

    // The packages wanted: well-known types are prost's own and get no file.
    let wanted: BTreeSet<String> = request
        .proto_file
        .iter()
        .filter(|file| {
            request
                .file_to_generate
                .iter()
                .any(|name| name == file.name())
        })
        .map(|file| file.package().to_owned())
        .collect();

    let folder = env::temp_dir().join(format!("protoc-gen-hyperloom-rust-{}", process::id()));
    fs::create_dir(&folder)?;
    let generated = generate(request, &wanted, &folder);
    fs::remove_dir_all(&folder)?;
    std::io::stdout().write_all(&generated?.encode_to_vec())?;
    Ok(())
}

fn generate(
    request: CodeGeneratorRequest,
    packages: &BTreeSet<String>,
    folder: &Path,
) -> Result<CodeGeneratorResponse, Box<dyn Error>> {
    let mut config = tonic_prost_build::Config::new();
    // Maps keep their order, so that what is sent does not change from run to run.
    config.btree_map(["."]);
    // Details of statuses are found by the names of their types.
    config.enable_type_names();
    tonic_prost_build::configure()
        .build_server(false)
        .out_dir(folder)
        .compile_fds_with_config(
            FileDescriptorSet {
                file: request.proto_file,
            },
            config,
        )?;
    let mut file = Vec::new();
    for package in packages {
        let name = format!("{package}.rs");
        let content = fs::read_to_string(folder.join(&name))?;
        file.push(File {
            name: Some(name),
            content: Some(content),
            ..File::default()
        });
    }
    // 1: it knows `optional` fields of proto3.
    Ok(CodeGeneratorResponse {
        supported_features: Some(1),
        file,
        ..CodeGeneratorResponse::default()
    })
}
